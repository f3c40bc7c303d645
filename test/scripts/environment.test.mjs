import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseEnvironment, readEnvironment, withCuda } from '../../scripts/support/environment-file.mjs';
import { inProject } from '../../scripts/support/project.mjs';
import { satisfies } from '../../scripts/support/version.mjs';

describe('environment.yml', () => {
  const text = [
    '# a comment',
    'name: x',
    'dependencies:',
    '  - nodejs>=20.19 # a reason',
    "  - 'python>=3.10,<3.14'",
    '  - pip',
    '  - pip:',
    '      - jupyterlab>=4.4,<5 # a reason',
    '',
    '      - "tensorflow-cpu>=2.21; platform_machine == \'x86_64\'"',
  ];

  it('gives the ranges and the requirements', () => {
    assert.deepEqual(parseEnvironment(text.join('\n')), {
      node: '>=20.19',
      python: '>=3.10,<3.14',
      pip: ['jupyterlab>=4.4,<5', "tensorflow-cpu>=2.21; platform_machine == 'x86_64'"],
    });
    assert.deepEqual(parseEnvironment(text.join('\r\n')), parseEnvironment(text.join('\n')));
  });

  it('refuses what it does not understand, and says where', () => {
    assert.throws(() => parseEnvironment([...text, '  oops'].join('\n')), /line 11: 'oops'/);
    assert.throws(() => parseEnvironment(text.slice(0, 5).join('\n')), /no pip section/);
    assert.throws(
      () => parseEnvironment(text.filter((line) => !line.includes('python')).join('\n')),
      /for python/,
    );
  });

  it("of the project agrees with package.json's range of Node", () => {
    /** @type {unknown} */ const manifest = JSON.parse(readFileSync(inProject('package.json'), 'utf8'));
    const { engines } = /** @type {{ engines: { node: string } }} */ (manifest);
    assert.equal(readEnvironment().node, engines.node);
  });

  it('becomes the CUDA build on a machine with a GPU', () => {
    assert.deepEqual(
      withCuda(['tensorflow-cpu>=2.21,<2.22; a == "b"', 'tensorflow>=2', 'tensorflow-datasets', 'numpy']),
      [
        'tensorflow[and-cuda]>=2.21,<2.22; a == "b"',
        'tensorflow[and-cuda]>=2',
        'tensorflow-datasets',
        'numpy',
      ],
    );
  });
});

describe('version ranges', () => {
  it('compare number by number', () => {
    assert.ok(satisfies('20.19.0', '>=20.19'));
    assert.ok(satisfies('3.10.0', '>=3.9,<3.14'), '10 is more than 9');
    assert.ok(!satisfies('3.14.0', '>=3.10,<3.14'));
    assert.ok(!satisfies('20.9.5', '>=20.19'));
    assert.throws(() => satisfies('1.0', '^1.0'), /not a version range/);
  });
});
