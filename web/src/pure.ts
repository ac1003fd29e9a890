// The parts of the console that need no screen: what tests/web loads into node.
export * from "./age";
export * from "./duplicates";
export * from "./figures";
export * from "./geo";
export * from "./lang";
export * from "./model";
export * from "./motion";
export * from "./stream";
export { ApiError, Api, sentenceOf } from "./api";
