import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { connectorFor, connectors } from '../server/connectors/index.ts'
import { returnEventLabels } from '../server/returns/lifecycle.ts'

// The pages read the browser's language when they are loaded.
Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { knownEvents: tradeEvents, timelineOf } = await import('../web/src/intake/events.ts')
const { knownEvents: orderEvents } = await import('../web/src/orders/drawer/events.ts')
const { actionWords, auditDetail, subjectWords, wordsOfPlatforms } = await import(
  '../web/src/users/audit-words.ts'
)
const { wordsOfRefusal } = await import('../web/src/ui/act/batch-words.ts')
const { platformStatusText } = await import('../web/src/intake/words.ts')
const { actionKindWords } = await import('../server/core/outbox/lists-contract.ts')
const { say } = await import('../web/src/words.ts')

const server = new URL('../server/', import.meta.url)

/** Returns what the first group of `shape` matches in the sources of a folder. */
async function literals(folders: readonly string[], shape: RegExp): Promise<string[]> {
  const found = new Set<string>()
  for (const folder of folders) {
    const files = await readdir(new URL(folder, server), { recursive: true })
    for (const file of files.filter((each) => each.endsWith('.ts') && !/test|testing/.test(each))) {
      const text = await readFile(new URL(`${folder}/${file}`, server), 'utf8')
      for (const [, one = ''] of text.matchAll(shape)) found.add(one)
    }
  }
  return [...found].toSorted()
}
const slices = [
  'catalog',
  'inventory',
  'stock-sync',
  'finance',
  'orders',
  'fulfilment',
  'returns',
  'intake',
  'shops',
  'users',
  'flows',
  'search',
  'exports',
  'alarms',
  'overview',
  'core/outbox',
  'core/batches',
  'core/tasks',
]

test('why the system closed a trade stands in its story as a word, and what a person wrote as it is', () => {
  const event = {
    id: '1',
    at: '2026-01-01T00:00:00Z',
    event: 'processed',
    actorName: '林晓',
    actorKind: 'user',
  }
  const told = (note: string) => timelineOf([{ ...event, detail: { note } }], say).map(({ text }) => text)
  assert.deepEqual(told('closed_refunded'), ['标为已处理：退款关闭'])
  assert.deepEqual(told('all_refunded'), ['标为已处理：已全部退款'])
  assert.deepEqual(told('买家改拍了'), ['标为已处理：买家改拍了'])
})

test('each event that the server notes of a trade, a refund, an order or a return has its words', async () => {
  const all = { ...tradeEvents, ...orderEvents, ...returnEventLabels }
  const events = await literals(['intake', 'orders', 'fulfilment', 'returns'], /\bevent: '([a-z_]+)'(?! \|)/g)
  assert.ok(events.length > 40, `${events.length} events`)
  assert.deepEqual(
    events.filter((event) => !Object.hasOwn(all, event)),
    [],
  )
})

test('each act that the server notes in the audit log has its words, and so has what it was done to', async () => {
  const acts = await literals(slices, /\baction: '([a-z_]+\.[a-z_]+)'/g)
  const noted = acts.filter(
    (act) =>
      !/^(trades|orders|refunds|listings|skus|settlements|deliveries|returns|staged|platform_actions|bill_trades|stock_uploads|intercepts|put_backs|extra_refunds|aftersale)\./.test(
        act,
      ),
  )
  assert.ok(noted.length > 20, `${noted.length} acts`)
  assert.deepEqual(
    noted.filter((act) => !Object.hasOwn(actionWords, act)),
    [],
  )
  const subjects = await literals(slices, /\bsubject: \{ type: '([a-z_]+)'/g)
  const ofActions = ['staged_refund', 'delivery', 'return', 'listing_item']
  assert.deepEqual(
    subjects.filter((type) => !Object.hasOwn(subjectWords, type) && !ofActions.includes(type)),
    [],
  )
})

test('of an imported bill the log says what is new and what was there, of no fields nothing, and names each part of a waybill account', () => {
  assert.equal(auditDetail({ added: 3, known: 36, rows: 39 }, say), '新增 3；已有 36；行数 39')
  assert.equal(auditDetail({ tid: '2948', reason: '红包' }, say), '交易 2948；原因 红包')
  assert.equal(auditDetail({ fields: [] }, say), '')
  assert.equal(auditDetail({ fields: ['parts'] }, say), '字段 套餐组成')
  const platforms = wordsOfPlatforms(connectors)
  assert.equal(auditDetail({ platform: 'weixin', name: '店' }, say, platforms), '平台 微信小店；名称 店')
  assert.equal(auditDetail({ fields: ['appSecret', 'apiUrl'] }, say, platforms), '字段 AppSecret、接口地址')
  const account = { source: 'cainiao', courier: 'YTO', branchCode: 'K571', branchName: '余杭圆通网点' }
  const more = {
    templateName: '一联单',
    templateUrl: 'https://a.b/c',
    warehouseId: '1',
    insureFromFen: 1,
    insureMostFen: 2,
  }
  assert.equal(
    auditDetail({ ...account, ...more, enabled: true }, say, platforms),
    '面单来源 菜鸟；快递 YTO；网点编码 K571；网点 余杭圆通网点；面单 一联单；面单地址 https://a.b/c；仓库 ID 1；保价从 1；最多保价 2；启用 是',
  )
  assert.equal(auditDetail({ error: '27 · Invalid session · 请重新授权' }, say), '原因 请重新授权')
})

test('each code by which a verb refuses a row has its words, in the pages or with the refusal', async () => {
  // A refusal with its own message needs no text here.
  const bare = /done: false(?: as const)?,\s*code: '([a-z_]+)'(?: as const)?,?\s*\}/g
  const codes = await literals(slices, bare)
  assert.ok(codes.length > 5, `${codes.length} codes`)
  assert.deepEqual(
    codes.filter((code) => !wordsOfRefusal(code)),
    [],
  )
})

test('each kind of platform action can be filtered by its name', async () => {
  const kinds = [
    ...(await literals(['intake', 'fulfilment', 'returns'], /\bkind: '((?:trade|refund|return)\.[a-z_]+)'/g)),
    ...(await literals(['intake', 'fulfilment', 'returns'], /Kind = '((?:trade|refund|return)\.[a-z_]+)'/g)),
  ]
  assert.deepEqual(Object.keys(actionKindWords).toSorted(), [...new Set(kinds)].toSorted())
})

test('no status of a platform comes through as it is, known or not', () => {
  const textOf = (platform: string, platformStatus: string) => {
    const platformWords = connectorFor(platform)?.trades.statusWords(platformStatus) ?? null
    return platformStatusText({ platformStatus, platformWords }, say)
  }
  for (const { id, trades } of connectors) {
    for (const status of [...Object.keys(trades.words?.statuses ?? {}), 'SOME_NEW_STATUS'])
      assert.match(textOf(id, status), /^[一-龥，]+$/, `${id} ${status}`)
    assert.equal(textOf(id, 'SOME_NEW_STATUS'), '平台的新状态')
    assert.equal(textOf(id, ''), '')
  }
  assert.equal(textOf('taobao', 'WAIT_SELLER_SEND_GOODS'), '待发货')
  assert.equal(textOf('pinduoduo', 'confirm 1, group 1, order 7, refund 9'), '平台的新状态')
  assert.equal(textOf('pinduoduo', 'confirm 1, group 1, order 1, refund 1'), '待发货')
  assert.equal(textOf('pinduoduo', 'confirm 1, group 0, order 1, refund 2'), '待发货，未成团，退款中')
  assert.equal(textOf('weixin', '20'), '待发货')
})
