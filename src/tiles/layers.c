#include "tiles/layers.h"

const pct_tile_layer_info pct_tile_layers[PCT_TILE_LAYER_COUNT] = {
    [PCT_TILE_LANDUSE] = {"landuse", {{"class", false}}},
    [PCT_TILE_GREEN] = {"green", {{"class", false}, {"name", false}, {"name_en", false}}},
    [PCT_TILE_WATER] = {"water", {{"class", false}, {"name", false}, {"name_en", false}}},
    [PCT_TILE_BUILDING] = {"building", {{NULL, false}}},
    [PCT_TILE_RAIL] = {"rail", {{"class", false}, {"tunnel", true}}},
    [PCT_TILE_ROAD] = {"road",
                       {{"class", false},
                        {"name", false},
                        {"name_en", false},
                        {"oneway", true},
                        {"bridge", true},
                        {"tunnel", true}}},
    [PCT_TILE_AREA] =
        {"area",
         {{"class", false}, {"name", false}, {"name_en", false}, {"partition", false}, {"level", false}}},
    [PCT_TILE_PLACE_LABEL] = {"place_label", {{"class", false}, {"name", false}, {"name_en", false}}},
    [PCT_TILE_POI] = {"poi", {{"class", false}, {"name", false}, {"name_en", false}}},
    [PCT_TILE_STATION] = {"station", {{"class", false}, {"name", false}, {"name_en", false}}},
};
