// The parts of the console that need no screen: what tests/web loads into node.
export * from "./age";
export * from "./areas";
export * from "./card";
export * from "./clock";
export * from "./duplicates";
export * as duty from "./duty";
export * from "./figures";
export * as gantt from "./gantt";
export * from "./geo";
export * from "./lang";
export * from "./model";
export * from "./motion";
export * from "./outbox";
export * from "./replay";
export * from "./stream";
export * from "./timeline";
export * as verify from "./verify/core";
export { ApiError, Api, sentenceOf } from "./api";
