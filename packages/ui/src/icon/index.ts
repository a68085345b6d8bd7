export { Icon, type IconName, Logo } from "./icon.tsx";
