import { CredenceError } from '../../errors';
import { capi, cString, type GraphOutput, pack, type Pointer, takeBuffer } from './capi';
import { configuration } from './devices';
import { Status } from './status';

/** A list of C strings. */
const pointers = (texts: readonly string[]): BigUint64Array => BigUint64Array.from(texts, cString);

/** A model that TensorFlow saved (`tf.saved_model.save`, Keras' `export`): a graph and a session that holds its variables. */
export class SavedModel {
  private readonly c = capi();
  private readonly status = new Status();
  private readonly graph = this.c.TF_NewGraph();
  private readonly session: Pointer;

  /**
   * @param folder the one that has `saved_model.pb`
   * @param tags of the graph in it: 'serve'
   * @throws CredenceError E_FILE if TensorFlow cannot load it
   */
  constructor(
    private readonly folder: string,
    tags: readonly string[],
  ) {
    const { c, status } = this;
    const options = c.TF_NewSessionOptions();
    const config = configuration(1);
    c.TF_SetConfig(options, config, config.length, status.pointer);
    const metaGraph = c.TF_NewBuffer();
    const tagPointers = pointers(tags);
    this.session = c.TF_LoadSessionFromSavedModel(
      ...([options, null, cString(folder), tagPointers, tags.length] as const),
      ...([this.graph, metaGraph, status.pointer] as const),
    );
    c.TF_DeleteSessionOptions(options);
    takeBuffer(metaGraph); // tfjs reads the signatures from the file itself
    try {
      status.check(`the SavedModel in ${folder} with the tags '${tags.join(', ')}'`);
    } catch (error) {
      c.TF_DeleteGraph(this.graph);
      status.dispose();
      const { message } = error as Error;
      throw new CredenceError('E_FILE', message, { cause: error });
    }
  }

  /** An output of an operation of the graph, from its name: 'serving_default_x:0'. */
  private endpoint(name: string): GraphOutput {
    const [operation, index = '0'] = name.split(':') as [string, string?];
    const oper = this.c.TF_GraphOperationByName(this.graph, cString(operation));
    if (oper && Number(index) < this.c.TF_OperationNumOutputs(oper)) return { oper, index: Number(index) };
    throw new CredenceError('E_ENGINE', `the SavedModel in ${this.folder} has no tensor '${name}'`);
  }

  /**
   * Computes outputs from inputs.
   * @param inputs TF_Tensors, which stay the caller's
   * @returns TF_Tensors, which become the caller's
   */
  run(inputNames: readonly string[], inputs: readonly Pointer[], outputNames: readonly string[]): Pointer[] {
    const { c, status } = this;
    if (inputNames.length !== inputs.length) {
      throw new CredenceError(
        'E_ENGINE',
        `the SavedModel in ${this.folder} takes ${inputNames.length} tensors (${inputNames.join(', ')}), and was given ${inputs.length}`,
      );
    }
    const [from, to] = [inputNames, outputNames].map((names) =>
      pack(names.map((name) => this.endpoint(name))),
    );
    const results = new BigUint64Array(outputNames.length);
    c.TF_SessionRun(
      ...([this.session, null, from!, BigUint64Array.from(inputs), inputs.length] as const),
      ...([to!, results, results.length, null, 0, null, status.pointer] as const),
    );
    status.check(`the SavedModel in ${this.folder}`);
    return Array.from(results);
  }

  dispose(): void {
    const { c, status } = this;
    c.TF_CloseSession(this.session, status.pointer);
    c.TF_DeleteSession(this.session, status.pointer);
    c.TF_DeleteGraph(this.graph);
    status.dispose();
  }
}
