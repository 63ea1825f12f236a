// Turns one JavaScript source into a component: called by build-languages.
//
//   node build-languages-javascript.mjs MODULES SOURCE WIT WORLD OUTPUT [FEATURE…]
//
// MODULES is the node_modules with componentize-js; FEATUREs are left out of
// the engine's default ones.

import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, sourcePath, witPath, worldName, output, ...disableFeatures] = process.argv.slice(2);
const entry = join(modules, "@bytecodealliance/componentize-js/src/componentize.js");
const { componentize } = await import(pathToFileURL(createRequire(import.meta.url).resolve(entry)));
const { component } = await componentize({ sourcePath, witPath, worldName, disableFeatures });
await writeFile(output, component);
