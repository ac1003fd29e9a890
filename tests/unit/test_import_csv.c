#include "base/memory.h"
#include "road/import.h"
#include "support/roads.h"
#include "support/test.h"

static const char nodes[] = "id,lon,lat\n1,100.00,30.00\n2,100.01,30.00\n3,100.01,30.01\n";
static const char edges[] = "id,from,to,length_m,class,oneway,name,geometry\n"
                            "10,1,2,1000,primary,no,东街,100.00 30.00;100.005 30.001;100.01 30.00\n"
                            "11,2,3,1200.5,residential,yes,北街,\n"
                            "12,3,1,1500,residential,-1,,\n";

static pct_status import(const char *nodes_csv, const char *edges_csv, const char *mapping,
                         pct_network *network, pct_import_report *report, pct_error *error) {
    pct_csv_network source = {
        "nodes.csv",          "edges.csv",    "mapping.json", pct_text_of(nodes_csv), pct_text_of(edges_csv),
        pct_text_of(mapping), PCT_DATUM_WGS84};
    return pct_import_csv(&source, network, report, error);
}

TEST(our_own_columns_are_read) {
    pct_network net;
    pct_import_report report;
    pct_error error;
    test_ok(import(nodes, edges, NULL, &net, &report, &error), &error);
    ck_assert_uint_eq(net.node_count, 3);
    ck_assert_uint_eq(net.segment_count, 3);
    uint32_t by_right = 0; /* the others go against small one-way streets */
    for (uint32_t a = 0; a < net.arc_count; a++) by_right += pct_response_may_drive(&net, a);
    ck_assert_uint_eq(by_right, 4);
    ck_assert_uint_eq(net.arc_count, 6);
    ck_assert_uint_eq(net.shape_count, 1);
    ck_assert_int_eq(net.segments[0].way, 10);
    ck_assert_uint_eq(net.segments[1].length_mm, 1200500);
    ck_assert_int_eq(net.segments[0].road_class, PCT_ROAD_PRIMARY);
    pct_text name = pct_network_name(&net, net.segments[0].name);
    ck_assert_mem_eq(name.chars, "东街", name.length);
    pct_node three = pct_network_node_by_id(&net, pct_text_of("3"));
    ck_assert_int_eq(net.node_source[three.index], 3);
    ck_assert_uint_eq(pct_network_node_by_id(&net, pct_text_of("4")).index, PCT_NO_INDEX);
    /* 12 runs 3→1 backward: one drives from 1 to 3. */
    pct_node one = pct_network_node_by_source(&net, 1);
    ck_assert_uint_eq(net.first_arc[one.index + 1] - net.first_arc[one.index], 2);
    pct_network_dispose(&net);
}

TEST(a_planar_network_is_anchored_and_given_one_speed) {
    pct_network net;
    pct_import_report report;
    pct_error error;
    test_ok(import("node,x,y\nA,0,0\nB,10,0\n", "from,to\nA,B\n",
                   "{\"nodes\":{\"id\":\"node\",\"x\":\"x\",\"y\":\"y\",\"metres_per_unit\":100,\"anchor\":["
                   "100,30]},"
                   "\"edges\":{\"from\":\"from\",\"to\":\"to\"},\"speed_kmh\":60}",
                   &net, &report, &error),
            &error);
    ck_assert_double_eq(report.speed_kmh, 60.0);
    ck_assert_uint_eq(net.has_text_ids, 1);
    pct_node b = pct_network_node_by_id(&net, pct_text_of("B"));
    ck_assert_uint_eq(b.index, 1);
    ck_assert_double_eq_tol(net.segments[0].length_mm / 1000.0, 1000.0, 1.0);
    pct_network_dispose(&net);
}

/* What is wrong with the input, and what the error must say of it. */
static const struct {
    const char *nodes, *edges, *mapping, *says;
} bad[] = {
    {"id,lon\n1,2\n", edges, NULL, "nodes.csv: column 'lat' is missing; the header has: id, lon"},
    {"", edges, NULL, "nodes.csv: the file is empty"},
    {"id,lon,lat\n1,100,30\n1,101,30\n", edges, NULL,
     "nodes.csv:3: column 'id': an id that no earlier line has"},
    {"id,lon,lat\n1,NaN,30\n", edges, NULL, "nodes.csv:2: column 'lon': a number from -180 to 180"},
    {"id,lon,lat\n1,181,30\n", edges, NULL, "'181' was found"},
    {"id,lon,lat\n,100,30\n", edges, NULL, "nodes.csv:2: column 'id': an id was expected"},
    {"id,lon,lat\n1,100\n", edges, NULL, "nodes.csv:2: 2 fields where the header has 3"},
    {nodes, "from,to\n1,9\n", NULL,
     "edges.csv:2: column 'to': the id of a node in the nodes file was expected, '9'"},
    {nodes, "from,to,class\n1,2,goat track\n", NULL, "edges.csv:2: column 'class': a road class"},
    {nodes, "from,to,oneway\n1,2,maybe\n", NULL, "edges.csv:2: column 'oneway': yes, no or -1"},
    {nodes, "from,to,length_m\n1,2,-5\n", NULL, "edges.csv:2: column 'length_m'"},
    {nodes, "from,to,geometry\n1,2,100 30;x\n", NULL, "edges.csv:2: column 'geometry'"},
    {"id,lon,lat\n1,-170,-80\n2,10,80\n", "from,to\n1,2\n", NULL,
     "edges.csv:2: by its nodes and its line this road is 20015 km long, at most 1000 km"},
    {"id,x,y\n1,0,0\n2,0,1e9\n", "from,to\n1,2\n",
     "{\"nodes\":{\"id\":\"id\",\"x\":\"x\",\"y\":\"y\",\"metres_per_unit\":1,\"anchor\":[100,30]},"
     "\"edges\":{\"from\":\"from\",\"to\":\"to\"}}",
     "nodes.csv:3: column 'x': coordinates that lie on the earth"},
    {nodes, "id,from,to\n7,1,2\n7,2,3\n", NULL, "edges.csv:3: column 'id': an id that no earlier line has"},
    {nodes, "from,to\n", NULL, "no road that units may drive"},
    {nodes, edges, "{\"nodes\":", "mapping.json:1"},
    {nodes, edges, "{\"nods\":{}}", "the mapping has 'nods', which is not known"},
    {nodes, edges, "{\"nodes\":{\"id\":\"nr\"}}", "nodes.csv: column 'nr' is missing"},
    {nodes, edges, "{\"nodes\":{\"id\":1}}", "field 'id': the name of a column was expected"},
    {nodes, edges, "{\"speed_kmh\":0}", "field 'speed_kmh': a number from 1 to 300"},
    {nodes, edges, "{\"nodes\":{\"id\":\"id\",\"x\":\"lon\",\"y\":\"lat\"}}", "field 'nodes.anchor'"},
    {nodes, edges,
     "{\"edges\":{\"from\":\"from\",\"to\":\"to\",\"class\":\"class\"},\"classes\":{\"x\":\"primary\"}}",
     "a class that the mapping's 'classes' name"},
};

TEST(bad_input_is_named_by_file_line_and_column) {
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        pct_network net;
        pct_import_report report;
        pct_error error;
        pct_status status = import(bad[i].nodes, bad[i].edges, bad[i].mapping, &net, &report, &error);
        ck_assert_msg(status == PCT_INPUT, "case %zu (%s): %s", i, bad[i].says, pct_status_name(status));
        test_error_says(&error, bad[i].says);
    }
}

static pct_status import_and_build(void *context) {
    pct_network net;
    pct_import_report report;
    pct_road *road;
    pct_speeds speeds = pct_speeds_uniform(36.0);
    const uint32_t order[] = {0, 1, 2};
    (void)context;
    pct_status status = import(nodes, edges, NULL, &net, &report, NULL);
    if (!status) status = pct_road_build(&net, order, &speeds, &road, NULL);
    if (!status) pct_road_free(road);
    return status;
}

TEST(every_failing_allocation_is_survived) {
    ck_assert_uint_ge(test_torture(import_and_build, NULL), 30);
}

TEST_MAIN("csv import", TEST_CASE(our_own_columns_are_read),
          TEST_CASE(a_planar_network_is_anchored_and_given_one_speed),
          TEST_CASE(bad_input_is_named_by_file_line_and_column),
          TEST_CASE(every_failing_allocation_is_survived))
