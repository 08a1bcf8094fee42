import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

// The pages read the browser's language when they are loaded.
Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { platformErrorText } = await import('./platform-error.ts')
const { say } = await import('../../words.ts')

const server = fileURLToPath(new URL('../../../../server/', import.meta.url))
/** What is sent to a platform for a shipment, a refund, a return or stock. People read its refusals in the lists. */
const files = globSync(
  [
    'connectors/answers.ts',
    'connectors/*/{ship,change-waybill,refund-actions,service-actions,actions,returns}.ts',
    '{fulfilment,returns}/write-back/*outbox.ts',
    '{intake,stock-sync}/outbox.ts',
  ],
  { cwd: server },
)
const refused = /PlatformError\(\s*'rejected',\s*'(not_done|unsupported|goods_not_back)',\s*'([^']+)'/g

test('our own refusals of a shipment, a return, stock or of an answer to a refund are Chinese on a Chinese page', () => {
  const sentences = files.flatMap((file) =>
    [...readFileSync(join(server, file), 'utf8').matchAll(refused)].map(([, , sentence]) => sentence ?? ''),
  )
  assert.ok(sentences.length >= 10, `${sentences.length} sentences`)
  const english = [...new Set(sentences)].filter(
    (one) => !/\p{Script=Han}/u.test(platformErrorText(one, say)),
  )
  assert.deepEqual(english, [])
  assert.equal(
    platformErrorText('Only refunds of money are agreed to here.', say),
    '这里只能同意退钱，换货和退货到平台后台同意',
  )
  assert.equal(
    platformErrorText('This platform ships whole deals only.', say),
    '这个平台只能整单发货，不能拆开发',
  )
})

test('what a platform itself says is shown as it says it', () => {
  assert.equal(platformErrorText('运单号格式不正确', say), '运单号格式不正确')
})
