/** The part of TensorFlow's C API that Credence calls, typed from the C signatures themselves. */
import koffi, { type LibraryHandle } from 'koffi';
import { loadLibraries } from './library';

/** A C pointer. Pointers are plain numbers: they may be posted to other threads of the process. */
export type Pointer = bigint;

/** TF_Output: one output of an operation in a graph. */
export interface GraphOutput {
  oper: Pointer;
  index: number;
}

type CType =
  'void' | 'int' | 'uint8_t' | 'int64_t' | 'size_t' | 'float' | 'const char *' | 'void *' | 'TF_Output';
interface Returned {
  void: void;
  'const char *': string;
  'void *': Pointer;
}
type FromC<T extends CType> = T extends keyof Returned ? Returned[T] : number;
interface Passed {
  'const char *': string;
  'void *': Pointer | ArrayBufferView | null;
  TF_Output: GraphOutput;
}
type ToC<T extends CType> = T extends keyof Passed ? Passed[T] : number | bigint;
type Signature = readonly [result: CType, ...parameters: CType[]];
type Call<S extends Signature> = S extends readonly [
  infer R extends CType,
  ...infer P extends readonly CType[],
]
  ? (...args: { [K in keyof P]: ToC<P[K]> }) => FromC<R>
  : never;

const p = 'void *';

const framework = {
  TF_NewStatus: [p],
  TF_DeleteStatus: ['void', p],
  TF_GetCode: ['int', p],
  TF_Message: ['const char *', p],
  TF_AllocateTensor: [p, 'int', p, 'int', 'size_t'],
  TF_NewTensor: [p, 'int', p, 'int', p, 'size_t', p, p],
  TF_TensorData: [p, p],
  TF_TensorByteSize: ['size_t', p],
  TF_DeleteTensor: ['void', p],
} as const satisfies Record<string, Signature>;

const cc = {
  TF_Version: ['const char *'],
  TF_StringInit: ['void', p],
  TF_StringCopy: ['void', p, p, 'size_t'],
  TF_StringDealloc: ['void', p],
  TF_StringGetDataPointer: [p, p],
  TF_StringGetSize: ['size_t', p],
  // contexts and devices
  TFE_NewContextOptions: [p],
  TFE_ContextOptionsSetConfig: ['void', p, p, 'size_t', p],
  TFE_ContextOptionsSetAsync: ['void', p, 'uint8_t'],
  TFE_DeleteContextOptions: ['void', p],
  TFE_NewContext: [p, p, p],
  TFE_DeleteContext: ['void', p],
  TFE_ContextSetRunEagerOpAsFunction: ['void', p, 'uint8_t', p],
  TFE_ContextGetExecutorForThread: [p, p],
  TFE_ExecutorClearError: ['void', p],
  TFE_DeleteExecutor: ['void', p],
  TFE_ContextListDevices: [p, p, p],
  TF_DeviceListCount: ['int', p],
  TF_DeviceListName: ['const char *', p, 'int', p],
  TF_DeviceListType: ['const char *', p, 'int', p],
  TF_DeviceListMemoryBytes: ['int64_t', p, 'int', p],
  TF_DeleteDeviceList: ['void', p],
  // eager operations
  TFE_NewOp: [p, p, p, p],
  TFE_OpReset: ['void', p, p, p, p],
  TFE_DeleteOp: ['void', p],
  TFE_OpSetDevice: ['void', p, p, p],
  TFE_OpAddInput: ['void', p, p, p],
  TFE_OpSetAttrString: ['void', p, p, p, 'size_t'],
  TFE_OpSetAttrInt: ['void', p, p, 'int64_t'],
  TFE_OpSetAttrFloat: ['void', p, p, 'float'],
  TFE_OpSetAttrBool: ['void', p, p, 'uint8_t'],
  TFE_OpSetAttrType: ['void', p, p, 'int'],
  TFE_OpSetAttrShape: ['void', p, p, p, 'int', p],
  TFE_OpSetAttrIntList: ['void', p, p, p, 'int'],
  TFE_OpSetAttrFloatList: ['void', p, p, p, 'int'],
  TFE_OpSetAttrTypeList: ['void', p, p, p, 'int'],
  TFE_OpSetAttrFunctionName: ['void', p, p, p, 'size_t'],
  TFE_Execute: ['void', p, p, p, p],
  TFE_OpGetOutputLength: ['int', p, p, p],
  TFE_NewTensorHandle: [p, p, p],
  TFE_DeleteTensorHandle: ['void', p],
  TFE_TensorHandleDataType: ['int', p],
  TFE_TensorHandleNumDims: ['int', p, p],
  TFE_TensorHandleDim: ['int64_t', p, 'int', p],
  TFE_TensorHandleDeviceName: ['const char *', p, p],
  TFE_TensorHandleResolve: [p, p, p],
  TFE_TensorHandleCopySharingTensor: [p, p, p],
  TFE_TensorHandleCopyToDevice: [p, p, p, p, p],
  TFE_ContextAddFunctionDef: ['void', p, p, 'size_t', p],
  TFE_ContextHasFunction: ['uint8_t', p, p],
  // graphs and functions
  TF_NewGraph: [p],
  TF_DeleteGraph: ['void', p],
  TF_NewOperation: [p, p, p, p],
  TF_FinishOperation: [p, p, p],
  TF_AddInput: ['void', p, 'TF_Output'],
  TF_AddInputList: ['void', p, p, 'int'],
  TF_SetAttrType: ['void', p, p, 'int'],
  TF_SetAttrInt: ['void', p, p, 'int64_t'],
  TF_SetAttrFloat: ['void', p, p, 'float'],
  TF_SetAttrBool: ['void', p, p, 'uint8_t'],
  TF_SetAttrString: ['void', p, p, p, 'size_t'],
  TF_SetAttrShape: ['void', p, p, p, 'int'],
  TF_SetAttrIntList: ['void', p, p, p, 'int'],
  TF_SetAttrFloatList: ['void', p, p, p, 'int'],
  TF_SetAttrTypeList: ['void', p, p, p, 'int'],
  TF_SetAttrFuncName: ['void', p, p, p, 'size_t'],
  TF_SetAttrTensor: ['void', p, p, p, p],
  TF_OperationOutputType: ['int', 'TF_Output'],
  TF_GraphGetTensorNumDims: ['int', p, 'TF_Output', p],
  TF_GraphGetTensorShape: ['void', p, 'TF_Output', p, 'int', p],
  TF_GraphSetTensorShape: ['void', p, 'TF_Output', p, 'int', p],
  TF_GraphGetOpDef: ['void', p, p, p, p],
  TF_GraphCopyFunction: ['void', p, p, p, p],
  TF_GraphToFunction: [p, p, p, 'uint8_t', 'int', p, 'int', p, 'int', p, p, p, p, p],
  TF_FunctionToFunctionDef: ['void', p, p, p],
  TF_FunctionImportFunctionDef: [p, p, 'size_t', p],
  TF_DeleteFunction: ['void', p],
  TF_NewBuffer: [p],
  TF_DeleteBuffer: ['void', p],
  // SavedModels
  TF_NewSessionOptions: [p],
  TF_SetConfig: ['void', p, p, 'size_t', p],
  TF_DeleteSessionOptions: ['void', p],
  TF_LoadSessionFromSavedModel: [p, p, p, p, p, 'int', p, p, p],
  TF_SessionRun: ['void', p, p, p, p, 'int', p, p, 'int', p, 'int', p, p],
  TF_CloseSession: ['void', p, p],
  TF_DeleteSession: ['void', p, p],
  TF_GraphOperationByName: [p, p, p],
  TF_OperationNumOutputs: ['int', p],
} as const satisfies Record<string, Signature>;

const c = {
  malloc: [p, 'size_t'],
  free: ['void', p],
  memcpy: [p, p, p, 'size_t'],
  dlsym: [p, p, p],
} as const satisfies Record<string, Signature>;

type Functions<T extends Record<string, Signature>> = { readonly [K in keyof T]: Call<T[K]> };
export type CApi = Functions<typeof framework> & Functions<typeof cc> & Functions<typeof c>;

let api: CApi | undefined;

/** The C API, bound once per thread on first use. */
export function capi(): CApi {
  if (api) return api;
  const libraries = loadLibraries();
  const output = koffi.struct({ oper: 'void *', index: 'int' });
  const type = (name: CType) => (name === 'TF_Output' ? output : name);
  const bind = (library: LibraryHandle, table: Record<string, Signature>) =>
    Object.entries(table).map(([name, [result, ...parameters]]) => [
      name,
      library.func(name, type(result), parameters.map(type)),
    ]);
  api = Object.fromEntries([
    ...bind(libraries.framework, framework),
    ...bind(libraries.cc, cc),
    ...bind(libraries.c, c),
  ]) as CApi;
  return api;
}

const names = new Map<string, Pointer>();

/** A NUL-terminated copy of `text` in C memory, made once per distinct text: names of operations, attributes and devices. */
export function cString(text: string): Pointer {
  let pointer = names.get(text);
  if (pointer === undefined) {
    const bytes = Buffer.from(`${text}\0`);
    const { malloc, memcpy } = capi();
    pointer = malloc(bytes.length);
    memcpy(pointer, bytes, bytes.length);
    names.set(text, pointer);
  }
  return pointer;
}

/** The bytes of a TF_Buffer { const void *data; size_t length; ... }, copied; the buffer is freed. */
export function takeBuffer(buffer: Pointer): Uint8Array {
  const { memcpy, TF_DeleteBuffer } = capi();
  const header = new BigUint64Array(2);
  memcpy(header, buffer, 16);
  const bytes = new Uint8Array(Number(header[1]));
  if (bytes.length > 0) memcpy(bytes, header[0]!, bytes.length);
  TF_DeleteBuffer(buffer);
  return bytes;
}

/** TF_Output structs one after the other, as C wants a list of them. */
export function pack(outputs: readonly GraphOutput[]): Buffer {
  const bytes = Buffer.alloc(16 * outputs.length);
  outputs.forEach(({ oper, index }, i) => {
    bytes.writeBigUInt64LE(oper, 16 * i);
    bytes.writeInt32LE(index, 16 * i + 8);
  });
  return bytes;
}
