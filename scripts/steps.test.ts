import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { budgetOf } from './budgets.ts'
import { proofs } from './proofs.ts'
import { inTurn, isStory, storyTurns, takesTurns, turnOfCommit } from './row/turns.ts'
import { nodeTests, root, testFiles } from './steps.ts'
import { rowsOf, unitTests } from './unit-tests.ts'

const script = `
  const { runSteps } = await import(${JSON.stringify(join(root, 'scripts/steps.ts'))})
  const run = async () => {
    await new Promise((settle) => setTimeout(settle, 30))
    return { passed: 5, failed: 0, output: '' }
  }
  await runSteps([{ name: 'tidy', run }], { budgets: process.argv[1] === 'whole' })`

function runTidy(budgets: string, ...args: string[]) {
  const env = { ...process.env, TEST_BUDGETS: budgets }
  return spawnSync(process.execPath, ['--input-type=module', '-e', script, '--', ...args], {
    encoding: 'utf8',
    env,
  })
}

test('a step of the whole gate that takes longer than its budget fails', () => {
  const late = runTidy('0.001', 'whole')
  assert.equal(late.status, 1)
  assert.match(
    late.stdout,
    /✖ tidy .* 5 passed, 1 failed\n {2}longer than its budget .*: usually 1 s, at most 0.01 s\n/,
  )
  assert.match(late.stdout, /\n5 passed, 1 failed\n$/)
  for (const [budgets, ...args] of [['1', 'whole'], ['0', 'whole'], ['0.001']] as const) {
    const inTime = runTidy(budgets, ...args)
    assert.equal(inTime.status, 0, inTime.stdout)
    assert.match(inTime.stdout, /\n5 passed, 0 failed\n$/)
  }
})

test('a step without a budget is refused, and 0 lets everything take its time', () => {
  assert.equal(budgetOf('tidy', 1), 10)
  assert.equal(budgetOf('tidy', 2.5), 25)
  assert.equal(budgetOf('tidy', 0), Number.POSITIVE_INFINITY)
  assert.throws(() => budgetOf('a new step', 1), /a new step has no budget/)
})

test('a unit test reaches no database, no simulator and no process, also not through what it imports', () => {
  const chosen = unitTests(testFiles('server', 'sandbox', 'web/src', 'scripts'))
  assert.ok(chosen.length > 40, `${chosen.length} files`)
  for (const file of [
    'server/orders/order/lifecycle.test.ts',
    'web/src/ui/form/schema.test.ts',
    'server/rules/tidy.test.ts',
  ])
    assert.ok(chosen.includes(file), file)
  for (const file of [
    'server/orders/list/order-list-plain.test.ts',
    'server/core/embedded/children.test.ts',
    'scripts/launch.test.ts',
  ])
    assert.ok(!chosen.includes(file), file)
})

test('a file that fails once is tried again and named; one that fails twice, or one of many, fails the step', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sanyi-steps-'))
  try {
    const file = (name: string, failures: number) => {
      const path = join(folder, `${name}.test.ts`)
      writeFileSync(
        path,
        `import { appendFileSync, readFileSync } from 'node:fs'
        import { it } from 'node:test'
        appendFileSync(${JSON.stringify(`${path}.runs`)}, '.')
        it('${name} a', () => {})
        it('${name} b', () => { if (readFileSync(${JSON.stringify(`${path}.runs`)}).length <= ${failures}) throw new Error('not yet') })`,
      )
      return path
    }
    // This test is itself run by Node's runner, which runs no other inside.
    const options = { secondTry: true, env: { NODE_TEST_CONTEXT: undefined } }
    const runsOf = (path: string) => readFileSync(`${path}.runs`, 'utf8').length
    const [good, once, twice] = [file('good', 0), file('once', 1), file('twice', 2)]
    const steady = await nodeTests('tidy', [good, once], options).run()
    assert.deepEqual([steady.passed, steady.failed, runsOf(good), runsOf(once)], [4, 0, 1, 2])
    assert.match(
      steady.unsteady ?? '',
      /passed only at the second try: \S*once\.test\.ts\n.*once b.*not yet/s,
    )
    const failed = await nodeTests('tidy', [good, twice], options).run()
    assert.deepEqual([failed.passed, failed.failed, failed.unsteady, runsOf(twice)], [3, 1, undefined, 2])
    const without = file('without', 1)
    assert.deepEqual((await nodeTests('tidy', [without], { ...options, secondTry: false }).run()).failed, 1)
    assert.equal(runsOf(without), 1)
    const many = ['one', 'two', 'three', 'four'].map((name) => file(name, 1))
    assert.equal((await nodeTests('tidy', many, options).run()).failed, 4)
    assert.deepEqual(many.map(runsOf), [1, 1, 1, 1])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('each run takes the long tests of its commit; all turns together, and the proof by name, take every one, and no run leaves out another test', () => {
  const files = testFiles('e2e', 'server', 'scripts')
  const [stories, long] = [files.filter(isStory), files.filter(takesTurns)]
  assert.ok(stories.length > 30, `${stories.length} stories`)
  const turns = Array.from({ length: storyTurns }, (_, turn) => inTurn(files, turn))
  for (const turn of turns) {
    assert.deepEqual(
      turn.filter((file) => !takesTurns(file)),
      files.filter((file) => !takesTurns(file)),
    )
    assert.ok(turn.filter(isStory).length >= Math.floor(stories.length / storyTurns))
    assert.equal(turn.filter((file) => long.includes(file) && !isStory(file)).length, 11)
  }
  assert.deepEqual(turns.flatMap((turn) => turn.filter(isStory)).sort(), stories)
  for (const [odd, even] of [turns.slice(0, 2), turns.slice(1, 3), turns.slice(2)])
    assert.deepEqual(
      [...new Set([...(odd ?? []), ...(even ?? [])])].filter((file) => !isStory(file)).sort(),
      files.filter((file) => !isStory(file)),
    )
  assert.deepEqual(
    proofs['turns']?.parts.map(({ run }) => run.at(-1)),
    long,
  )
  assert.equal(new Set(proofs['turns']?.parts.map(({ name }) => name)).size, long.length)
  assert.equal(turnOfCommit(), turnOfCommit())
  for (const file of ['e2e/presses.browser.test.ts', 'e2e/start.browser.test.ts', 'e2e/scope.test.ts'])
    assert.equal(takesTurns(file), false)
})

test('files share a process, each in one row, but those that change what belongs to the whole process', () => {
  const files = testFiles('server', 'sandbox', 'web/src', 'scripts')
  const rows = rowsOf(files)
  assert.deepEqual(rows.flat().sort(), files)
  const rowOf = (file: string) => rows.find((row) => row.includes(file)) ?? []
  for (const file of [
    'scripts/backup.test.ts', // the environment
    'server/lib/clock.test.ts', // a clock
    'server/core/lists/list-ways.test.ts', // what of the code was run
    'web/src/ui/act/carry-out.test.ts', // a global function
  ])
    assert.deepEqual(rowOf(file), [file])
  assert.ok(rowOf('server/shops/guards.test.ts').length > 5)
  assert.ok(rowOf('web/src/words.test.ts').length > 20)
})

test('of a row that shares a process each failure is counted and named with its file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sanyi-rows-'))
  try {
    const names = ['one', 'two', 'three']
    const files = names.map((name, at) => {
      const path = join(folder, `${name}.test.ts`)
      writeFileSync(
        path,
        `import assert from 'node:assert/strict'
        import { after, afterEach, it } from 'node:test'
        const closed = (process.closed ??= [])
        const ended = []
        after(() => void closed.push('${name}'))
        afterEach(({ name }) => void ended.push(name))
        it('${name} shares', () => assert.deepEqual(closed, ${JSON.stringify(names.slice(0, at))}))
        it('${name} fails', () => assert.notEqual('${name}', 'two'))
        it('${name} has hooks of its own', () => assert.deepEqual(ended, ['${name} shares', '${name} fails']))
        if ('${name}' === 'three') throw new Error('it does not load to its end')`,
      )
      return path
    })
    const options = { rows: (all: readonly string[]) => [[...all]], env: { NODE_TEST_CONTEXT: undefined } }
    const { passed, failed, output } = await nodeTests('tidy', files, options).run()
    // The tests that the third file had not yet run count as failed, as the file does.
    assert.deepEqual([passed, failed], [6, 4])
    assert.match(output, /^test at \S*two\.test\.ts:\d+:\d+\n✖ two fails/m)
    assert.match(output, /^✖ \S*three\.test\.ts .*\n.*it does not load to its end/m)
    const apart = await nodeTests('tidy', files, { env: options.env }).run()
    assert.deepEqual([apart.passed, apart.failed], [4, 3])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a row that ends before its last file fails, and names what did not end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sanyi-ends-'))
  try {
    const files = ['good', 'ends', 'last'].map((name) => join(folder, `${name}.test.ts`))
    for (const file of files)
      writeFileSync(
        file,
        `import { it } from 'node:test'
        it('it loads', async () => {})
        ${file.includes('ends') ? 'process.exit(0)' : ''}`,
      )
    const rows = (all: readonly string[]) => [[...all]]
    const outcome = await nodeTests('tidy', files, { rows, env: { NODE_TEST_CONTEXT: undefined } }).run()
    assert.ok(outcome.failed >= 2, `${outcome.failed}`)
    assert.match(outcome.output, /^✖ \S*last\.test\.ts \(did not end\)/m)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a file of a row that does not load is tried again like one with a failed test', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sanyi-load-'))
  try {
    const [good, late] = ['good', 'late'].map((name) => join(folder, `${name}.test.ts`))
    assert.ok(good && late)
    writeFileSync(good, "import { it } from 'node:test'; it('it loads', () => {})")
    writeFileSync(
      late,
      `import { existsSync, writeFileSync } from 'node:fs'
      import { it } from 'node:test'
      it('it loads', () => {})
      const [seen, isSecond] = [import.meta.filename + '.seen', existsSync(import.meta.filename + '.seen')]
      writeFileSync(seen, '')
      if (!isSecond) throw new Error('not yet')`,
    )
    const rows = (all: readonly string[]) => [[...all]]
    const env = { NODE_TEST_CONTEXT: undefined }
    const outcome = await nodeTests('tidy', [good, late], { rows, env, secondTry: true }).run()
    assert.deepEqual([outcome.passed, outcome.failed], [3, 0])
    assert.match(outcome.unsteady ?? '', /second try: \S*late\.test\.ts\n.*not yet/s)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
