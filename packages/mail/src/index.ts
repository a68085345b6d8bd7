export { createDeliver, type Deliver, type Delivery } from "./deliver.ts";
export { letterOf } from "./letter.ts";
export { createLog, type Log, silent } from "./log.ts";
export { Sender, type SenderOptions } from "./sender.ts";
