/** Models of TensorFlow.js, written as it writes them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';

/** A description of an array in model.json, as tfjs has it. */
export type WeightSpec = tf.io.WeightsManifestEntry;

export interface Files {
  topology: object | undefined;
  specs: WeightSpec[];
  data: Uint8Array;
}

/** What tfjs's own `model.save` gives. */
export async function saved(model: tf.LayersModel): Promise<Files> {
  let files: Files | undefined;
  const handler = tf.io.withSaveHandler((artifacts) => {
    const { modelTopology: topology, weightSpecs, weightData } = artifacts;
    files = {
      topology: topology as object,
      specs: weightSpecs!,
      data: new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData)),
    };
    return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } });
  });
  await model.save(handler);
  return files!;
}

/** Writes model.json, and its data in shards of so many bytes. Returns the path of model.json. */
export function written(folder: string, { topology, specs, data }: Files, shard = 100): string {
  mkdirSync(folder, { recursive: true });
  const paths: string[] = [];
  for (let i = 0; i === 0 || i * shard < data.length; i++) {
    paths.push(`group1-shard${i}.bin`);
    writeFileSync(path.join(folder, paths[i]!), data.subarray(i * shard, (i + 1) * shard));
  }
  const file = path.join(folder, 'model.json');
  const weightsManifest = [{ paths, weights: specs }];
  writeFileSync(file, JSON.stringify({ format: 'layers-model', modelTopology: topology, weightsManifest }));
  return file;
}
