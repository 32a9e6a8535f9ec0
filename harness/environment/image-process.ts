/** For the set-up: has the image of a server ready where a container is to stand in for it, or says why it cannot. */
import { images, pullImage } from "./containers.ts";

const name = (["redis", "toxiproxy"] as const).find((known) => known === process.argv[2]);
if (name === undefined) throw new Error("usage: image-process redis|toxiproxy");
const why = (await pullImage(name))?.unavailable;
console.log(why ?? images[name]);
process.exit(why === undefined ? 0 : 1);
