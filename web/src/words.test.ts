import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Words that no page or message uses any more, with their replacements. Each word has only one meaning. */
const banned: readonly [RegExp, string][] = [
  [/看不懂/, '异常数据, 解析失败, 格式不对'],
  [/没成(?!团)|未成(?![团交年本立])|^['"`]未转['"`]$/, '失败'],
  [/填上/, '保存'],
  [/还不能/, '写出原因'],
  [/拦下！/, '已拦截'],
  [/没开。|光有密码进不来/, '未开启'],
  [/^['"`]没填['"`]$/, '待填运单'],
  [/离到期/, '剩余时间'],
  [/还没转/, '未转退单'],
  [/就用这个时间/, '确定上线时间'],
  [/平台说是/, '验证通过：…'],
  [/直到撤销/, '不再下载，可撤销'],
  [/销售单(?!号)/, '销售订单'],
  [/回传/, '回写'],
  [/(登记|审核|批量作废|笔|找不到)部分退款|^['"`]部分退款(已|$)/, '额外退款'],
  [/外部编码/, '商家编码'],
  [/立即挂起/, '拦下 n 单'],
  [/\bGoes by\b/, 'Warehouse / courier'],
  [/\bPrice \/ off\b/, 'Price / discount'],
  [/^['"`]Even['"`]$/, 'Reconciled'],
  [/^['"`]Paint\b/, 'Set flag'],
  [/\bType it\b|\bType them\b/, 'Save waybill, enter them'],
  [/nobody's is registered/, 'Unknown parcels are registered'],
  [/empty for ever/, 'End date (optional)'],
  [/\bcan (still )?go back\b/, 'Refundable: …'],
  [/silence means consent/, 'No reply counts as approval'],
  [/gives alone/, "Don't combine with other gifts"],
  [/A code alone/, 'Code only = 1 sellable item'],
  [/whose number an order/, 'Only trades that have an order here'],
  [/until a version knows it/, 'Kept. A later version may read it'],
  [/apart by commas/, 'comma-separated'],
  [/^['"`]Look\b(?! for| at)/, 'View'],
  [/\bby (itself|themselves)\b/, 'automatically'],
  [/\bNothing waits\b/, 'Nothing pending'],
  [/\b[Uu]nread items\b/, 'Unreadable data'],
  [/refunded, not stopped/, 'refunded orders still shipping'],
]

/** The manual's own name of a button, and texts that only look like a banned word. */
const kept = /转销售单|转为销售单/g

const texts = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g

/** Returns the literals of a source, without its comments. */
function literalsOf(source: string): { text: string; line: number }[] {
  const bare = source
    .replaceAll(/\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ' '))
    .replaceAll(/(^|\s)\/\/.*$/gm, '$1')
  return [...bare.matchAll(texts)].map((found) => ({
    text: found[0],
    line: bare.slice(0, found.index).split('\n').length,
  }))
}

test('no screen says a word of the table of words that were mended', () => {
  const files = globSync(['web/src/**/*.{ts,tsx}', 'server/**/*.ts'], { cwd: root }).filter(
    (path) => !path.endsWith('.test.ts') && !path.includes('/testing') && !path.includes('/conformance'),
  )
  assert.ok(files.length > 400, 'it looks where the words are')
  const found = files.flatMap((path) =>
    literalsOf(readFileSync(join(root, path), 'utf8')).flatMap(({ text, line }) =>
      banned
        .filter(([word]) => word.test(text.replaceAll(kept, '')))
        .map(([, better]) => `${path}:${line} ${text.slice(0, 80)} → ${better}`),
    ),
  )
  assert.deepEqual(found, [])
})

test('a box that may stay empty says that there is no limit', () => {
  const found = globSync('web/src/**/*.tsx', { cwd: root }).flatMap((path) =>
    [...readFileSync(join(root, path), 'utf8').matchAll(/placeholder=\{say\(\['不限', '(.+?)'\]\)\}/g)].map(
      ([, en]) => en,
    ),
  )
  assert.ok(found.length > 2)
  assert.deepEqual([...new Set(found)], ['No limit'])
})

test('the button of an alarm that only leads somewhere says so, and the one that acts says to how many', () => {
  const acts = globSync('server/alarms/*.ts', { cwd: root })
    .filter((path) => !path.endsWith('.test.ts'))
    .flatMap((path) => [
      ...readFileSync(join(root, path), 'utf8').matchAll(
        /\bact: (?:\(\w*\) => \()?\{ zh: (['`])(.+?)\1, en: (['`])(.+?)\3 \}/g,
      ),
    ])
    .map(([, , zh = '', , en = '']) => `${zh} · ${en}`)
  assert.ok(acts.length > 18, `${acts.length} buttons`)
  assert.deepEqual(
    acts
      .filter((act) => !/^[去看].* · (Go|See|View)\b/.test(act))
      .map((act) => act.replaceAll(/\$\{.*?\}/g, '…')),
    ['拦下 … 单 · Hold … …'],
  )
})

test('words that are banned are found in a literal, and not in a comment', () => {
  const source = `// 回传 by itself\nconst a = ['转销售单', 'x'] /* 没成 */\nconst b = '没成'`
  assert.deepEqual(
    literalsOf(source).map(({ text, line }) => `${line}${text}`),
    ["2'转销售单'", "2'x'", "3'没成'"],
  )
})
