import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Say } from '../../words.ts'

// The pages read the browser's language when they are loaded.
Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { actorText } = await import('./actor.ts')
const inEnglish: Say = (words) => ('en' in words ? words.en : words[1])

const server = fileURLToPath(new URL('../../../../server/', import.meta.url))

test('an actor of the program has an English name; a person keeps their own', () => {
  const names = globSync('**/*.ts', { cwd: server, exclude: ['**/*.test.ts'] }).flatMap((file) =>
    [...readFileSync(join(server, file), 'utf8').matchAll(/\.\.\.systemActor,[^}]*?name: '([^']+)'/g)].map(
      ([, name]) => name ?? '',
    ),
  )
  assert.deepEqual([...new Set(names)].sort(), ['消息推送', '演示', '计划任务'].sort())
  assert.deepEqual(
    ['系统', '消息推送', '演示', '计划任务', '周岚'].map((name) => actorText(name, inEnglish)),
    ['System', 'Push', 'Demo', 'Task', '周岚'],
  )
})
