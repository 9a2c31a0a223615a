/** Mesh's composition of the OpenAPI document into the supergraph that Hive Gateway reads. */
import { defineConfig } from '@graphql-mesh/compose-cli';
import { loadOpenAPISubgraph } from '@omnigraph/openapi';

const source = new URL('d7.openapi.json', import.meta.url).pathname;

export const composeConfig = defineConfig({ subgraphs: [{ sourceHandler: loadOpenAPISubgraph('d7', { source }) }] });
