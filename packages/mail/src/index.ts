export { createDeliver, type Deliver, type Delivery } from "./deliver.ts";
export { letterOf } from "./letter.ts";
export { type Log, Sender, type SenderOptions } from "./sender.ts";
