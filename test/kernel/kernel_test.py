"""Runs jupyter_kernel_test, the Jupyter project's own test of kernels, against the kernel `credence`."""

import unittest

import jupyter_kernel_test


class CredenceKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = "credence"
    language_name = "typescript"
    file_extension = ".ts"

    code_hello_world = 'console.log("hello, world");'
    code_stderr = 'console.error("oh no");'
    completion_samples = [
        {"text": "Number.isInt", "matches": {"isInteger"}},
        {"text": 'import { join } from "node:pa', "matches": {"node:path", "node:path/posix", "node:path/win32"}},
    ]
    complete_code_samples = ["1", "const a: number = 1;", "function f() {\n  return 1;\n}", "await (f())"]
    incomplete_code_samples = ["function f() {", "const a =", "f(", "`text", "/* comment", "[1,"]
    invalid_code_samples = ["const = 3", "let x = ;", ")", "a b c"]
    code_generate_error = 'throw new Error("no");'
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": "'a' + 'b'", "result": "'ab'"},
        {"code": "[1, 2]", "result": "[ 1, 2 ]"},
        {"code": "({ toMimeBundle: () => ({ 'text/html': '<b>1</b>' }) })", "mime": "text/html"},
    ]
    code_display_data = [
        {"code": "display({ toMimeBundle: () => ({ 'image/png': new Uint8Array(4) }) })", "mime": "image/png"},
    ]
    code_history_pattern = "6 [*] *"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "parseInt"
    code_clear_output = "clearOutput()"
    # test_pager: the protocol has deprecated payloads, which it tests; they are not sent


class CredenceWelcomeTests(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "credence"
    support_iopub_welcome = True


if __name__ == "__main__":
    unittest.main(verbosity=2)
