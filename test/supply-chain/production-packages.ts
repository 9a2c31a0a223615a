/** The packages of a production install, as the lockfile has them. */
import lockfile from '../../package-lock.json' with { type: 'json' };

type Entry = { version?: string; dev?: boolean; devOptional?: boolean; optional?: boolean };

export type ProductionPackage = {
  /** Where it is installed: `node_modules/…`. */
  path: string;
  /** As an SBOM refers to it: name@version. */
  id: string;
  /** The pinned Node, which an image with a Node of its own omits. */
  isOptional: boolean;
};

export function productionPackages(): ProductionPackage[] {
  const entries = Object.entries(lockfile.packages as Record<string, Entry>);
  const installed = entries.filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional);
  return installed.map(([path, { version, optional = false }]) => {
    const name = path.split('node_modules/').at(-1);
    return { path, id: `${name}@${version}`, isOptional: optional };
  });
}
