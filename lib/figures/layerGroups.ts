import type { LayerValues } from './layerHistograms';

/** Numbers of one parameter, which are computed one by one: of many, only some are asked for. */
export interface ParameterValues {
  /** '0.dense.kernel' */
  name: string;
  size: number;
  at(index: number): number;
}

/** More outlines than this nobody tells apart. */
const LAYERS = 8;
/** So many values give the shape of a histogram. It is a prime: steps of whole rows of a kernel would see few of its columns. */
const VALUES = 4999;

interface Group {
  name: string;
  members: readonly ParameterValues[];
}

/**
 * The values of parameters by layer, as a live figure can afford them: some of each, spread evenly, and layers that lie within each other
 * together where there are many, `1.encoder.0` and `1.encoder.1` as `1.encoder`. If there are too many still, the largest remain.
 */
export function layerGroups(parameters: readonly ParameterValues[], most = LAYERS): LayerValues[] {
  const depth = Math.max(0, ...parameters.map(({ name }) => layerOf(name).length));
  let groups: Group[] = [];
  for (let levels = depth; levels > 0; levels--) {
    groups = groupsOf(parameters, levels);
    if (groups.length <= most) break;
  }
  return withinLimit(groups, most).map(({ name, members }) => ({ name, ...sample(members) }));
}

/** ['0', 'dense'] of '0.dense.kernel'; a parameter of the model itself is a layer of its own. */
function layerOf(name: string): string[] {
  const path = name.split('.');
  return path.length > 1 ? path.slice(0, -1) : path;
}

/** Those of which so many levels of the path are the same, named by all that is. */
function groupsOf(parameters: readonly ParameterValues[], levels: number): Group[] {
  const groups = new Map<string, { path: string[]; members: ParameterValues[] }>();
  for (const parameter of parameters) {
    const path = layerOf(parameter.name);
    const key = path.slice(0, levels).join('.');
    const group = groups.get(key) ?? { path, members: [] };
    const end = group.path.findIndex((part, i) => part !== path[i]);
    if (end >= 0) group.path = group.path.slice(0, end);
    group.members.push(parameter);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ path, members }) => ({ name: path.join('.'), members }));
}

const sizeOf = (members: readonly ParameterValues[]): number =>
  members.reduce((sum, { size }) => sum + size, 0);

/** All groups, in their order; of too many the largest, and the others as one. */
function withinLimit(groups: readonly Group[], most: number): readonly Group[] {
  if (groups.length <= most) return groups;
  const bySize = groups.toSorted((a, b) => sizeOf(b.members) - sizeOf(a.members));
  const largest = new Set(bySize.slice(0, most - 1));
  const others = groups.filter((group) => !largest.has(group)).flatMap(({ members }) => members);
  return [...groups.filter((group) => largest.has(group)), { name: 'other layers', members: others }];
}

/** Values of all of these as if they lay one after the other. */
function sample(members: readonly ParameterValues[]): Omit<LayerValues, 'name'> {
  const size = sizeOf(members);
  const values = new Float64Array(Math.min(size, VALUES));
  let [member, start] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const place = Math.floor((i * size) / values.length);
    while (place - start >= members[member]!.size) start += members[member++]!.size;
    values[i] = members[member]!.at(place - start);
  }
  return { values, size };
}
