export { contrast, dark, fontFamily, light, type Palette } from "./colours.ts";
