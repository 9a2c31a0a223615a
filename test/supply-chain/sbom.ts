/**
 * The bill of materials of a production install, in CycloneDX: `npm run sbom --silent > sbom.json`.
 *
 * `npm sbom --omit=dev` of npm 11 omits what a package for development needs as well, most packages of this gateway among them. So npm writes
 * the one of all packages, and this file reduces it to those that the lockfile has for production.
 */
import { execFileSync } from 'node:child_process';
import manifest from '../../package.json' with { type: 'json' };
import { productionPackages } from './production-packages.ts';

type Component = { 'bom-ref': string; name: string; version: string; scope?: string; properties?: { name: string }[] };
type Sbom = {
  bomFormat: string;
  metadata: { component: Component };
  components: Component[];
  dependencies: { ref: string; dependsOn: string[] }[];
};

const markOfDevelopment = 'cdx:npm:package:development';

if (import.meta.main) console.log(JSON.stringify(productionSbom(), null, 2));

export function productionSbom(): Sbom {
  const options = ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx'];
  const all: Sbom = JSON.parse(execFileSync('npm', options, { encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 }));
  const optional = new Map(productionPackages().map(({ id, isOptional }) => [id, isOptional]));
  const components = all.components.filter(({ name, version }) => optional.has(`${name}@${version}`));
  const root = all.metadata.component;
  const refs = new Set([root, ...components].map((component) => component['bom-ref']));
  return {
    ...all,
    // npm writes the name of the folder.
    metadata: { ...all.metadata, component: { ...root, name: manifest.name } },
    components: components.map((component) => ({
      ...component,
      scope: optional.get(`${component.name}@${component.version}`) ? 'optional' : 'required',
      // A package that is needed for both has it.
      properties: (component.properties ?? []).filter(({ name }) => name !== markOfDevelopment),
    })),
    dependencies: all.dependencies
      .filter(({ ref }) => refs.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => refs.has(other)) })),
  };
}
