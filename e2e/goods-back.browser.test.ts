import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { until } from '../server/testing/until.ts'
import { appears, goes, openBrowser, pictureFailures } from './browser.ts'
import { openHouse } from './house.ts'

const house = await openHouse({ trades: { 'shanyu-jd': 0 } })
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})

/** Makes an order of 京东 that has left, whose buyer wants its goods sent back. Returns the number of the service order. */
async function aServiceOrder(): Promise<string> {
  const made = await house.control('trades', {
    shop: 'shanyu-jd',
    count: 1,
    status: 'WAIT_SELLER_SEND_GOODS',
    type: 'fixed',
    lines: 1,
  })
  assert.ok(typeof made === 'object' && made !== null && 'tids' in made && Array.isArray(made.tids))
  const [tid] = made.tids.map(String)
  await house.control(`trades/${tid}/ship`, {})
  // The list of 京东 may be late, so the youngest service orders are read later.
  const created = Math.floor(Date.now() / 1000) - 600
  const refund = await house.control('refunds', { tid, kind: 'REFUND_AND_RETURN', fee: 12_800, created })
  return /"refundId":"(S\d+)"/.exec(JSON.stringify(refund))?.[1] ?? assert.fail()
}

test('where agreeing lets goods come back, the page says so, and speaks of no money that is paid', async () => {
  const serviceOrder = await aServiceOrder()
  await house.run('refund_list')
  const page = await chromium.open(`${house.url}/staged-refunds`, house.admin)
  pictureFailures(() => page)
  const decision = page.getByRole('region', { name: `退款 ${serviceOrder}` })
  await appears(decision)
  await page.getByRole('button', { name: '同意退款 ¥128.00…' }).click()
  const dialog = page.getByRole('dialog', { name: '同意寄回，货款 ¥128.00' })
  await appears(dialog.getByText('现在只同意买家把货寄回，还不退钱。货到之后再退，不能撤回。'))
  assert.equal(await dialog.getByText('钱会从店铺账户退给买家').count(), 0)
  await dialog.getByLabel('再输入一次金额').fill('128')
  await dialog.getByRole('button', { name: '同意买家寄回' }).click()
  await goes(dialog)
  const agreed = async () => {
    const done = await house.control('done?shop=shanyu-jd&action=agree')
    return Object.values(
      Object(typeof done === 'object' && done !== null && 'counts' in done ? done.counts : {}),
    )
  }
  await until(async () => (await agreed()).length > 0)
  assert.deepEqual(await agreed(), [1])
})
