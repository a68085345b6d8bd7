export { xianfengDarkTheme, xianfengTheme } from "./theme.ts";
