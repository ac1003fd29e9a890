// What the page's test builds bundles with, its own and forged ones.
export { leafOf, Rows, tilePath, Tree } from "./tree";
export { readHead, readKey } from "./note";
