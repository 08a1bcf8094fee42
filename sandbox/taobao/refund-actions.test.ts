import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { control, stillSandbox, type TestSandbox, taobao, tmall, top, valuesOf } from '../testing.ts'

let sandbox: TestSandbox
before(async () => {
  sandbox = await stillSandbox()
})
after(() => sandbox.close())

let last = 100
/** Creates a paid trade with an open refund; returns the refund's id and version, and the trade. */
async function openRefund(
  shop: string,
  body: Record<string, unknown>,
): Promise<{ id: string; version: string; tid: string }> {
  const tid = `2948105733600000${++last}`
  await control(sandbox, 'trades', { shop, tid, type: 'fixed', lines: 1, status: 'WAIT_SELLER_SEND_GOODS' })
  const book = await control(sandbox, 'refunds', { tid, kind: 'REFUND', constraint: '', ...body })
  return { id: valuesOf(book, 'refundId')[0] ?? '', version: valuesOf(book, 'version')[0] ?? '', tid }
}

const status = async (id: string) =>
  valuesOf(await (await fetch(`${sandbox.url}/control/refunds/${id}`)).text(), 'status')[0]

test('on Tmall money goes out only for a reviewed refund of that very amount and version', async () => {
  const { id, version } = await openRefund('tm', { fee: 1000 })
  const agree = (amount: string, ver: string) =>
    top(sandbox, tmall, 'taobao.rp.refunds.agree', { refund_infos: `${id}|${amount}|${ver}|onsale` })
  assert.match(await agree('1000', version), /"msg_code":"OP_FAILURE_UE".*退款未审核/)
  const review = {
    refund_id: id,
    operator: '林晓',
    refund_phase: 'onsale',
    refund_version: version,
    message: '同意',
    result: 'true',
  }
  assert.match(await top(sandbox, tmall, 'taobao.rp.refund.review', review), /"is_success":true/)
  assert.match(await agree('999', version), /退款金额不一致/)
  assert.match(await agree('1000', '1'), /退款版本号不匹配/)
  assert.equal(await status(id), 'WAIT_SELLER_AGREE')
  assert.match(await agree('1000', version), /"succ":true.*"msg_code":"OP_SUCC"/)
  assert.equal(await status(id), 'SUCCESS')
  assert.match(await agree('1000', version), /OP_FAILURE_UE/)
})

test('agrees in bulk row by row, within the limits of number and sum, and asks for a code on much money', async () => {
  const a = await openRefund('tb', { fee: 100 })
  const b = await openRefund('tb', { fee: 200 })
  const agree = (infos: string, extra: Record<string, string> = {}) =>
    top(sandbox, taobao, 'taobao.rp.refunds.agree', { refund_infos: infos, ...extra })
  const some = await agree(`${a.id}|100|${a.version},${b.id}|1|${b.version}`)
  assert.match(some, /"succ":false,.*"msg_code":"SOME_OP_SUCC"/)
  assert.deepEqual([await status(a.id), await status(b.id)], ['SUCCESS', 'WAIT_SELLER_AGREE'])
  assert.match(await agree(`${b.id}|600001|${b.version}`), /总金额不超过6000元/)
  const dear = await openRefund('tb', { fee: 400_000 })
  const info = `${dear.id}|400000|${dear.version}`
  assert.deepEqual(valuesOf(await agree(info), 'sub_code'), ['isv.sms-code-required'])
  assert.match(await agree(info, { code: '123456' }), /OP_SUCC/)
  const many = Array.from({ length: 21 }, () => `${b.id}|1|1`).join()
  assert.match(await agree(many), /一次最多能退20笔/)
})

test('a return is agreed to first, without money, and needs the address', async () => {
  const { id, version } = await openRefund('tm', { fee: 1000, kind: 'REFUND_AND_RETURN' })
  const agree = { refund_id: id, refund_phase: 'onsale', refund_version: version, remark: '请寄回' }
  const without = await top(sandbox, tmall, 'taobao.rp.returngoods.agree', agree)
  assert.deepEqual(valuesOf(without, 'sub_code'), ['isv.missing-parameter:seller_address_id'])
  const done = await top(sandbox, tmall, 'taobao.rp.returngoods.agree', { ...agree, seller_address_id: '7' })
  assert.match(done, /"is_success":true/)
  assert.equal(await status(id), 'WAIT_BUYER_RETURN_GOODS')
})

test('Taobao needs no proof to refuse, but some refunds cannot be refused at all', async () => {
  const { id } = await openRefund('tb', { fee: 100 })
  const refuse = (refundId: string, message: string) =>
    top(sandbox, taobao, 'taobao.refund.refuse', { refund_id: refundId, refuse_message: message })
  assert.deepEqual(valuesOf(await refuse(id, '不'), 'sub_code'), ['isv.invalid-parameter:refuse_message'])
  assert.match(await refuse(id, '商品已发出'), /"is_success":true/)
  const fixed = await openRefund('tb', { fee: 100, constraint: 'cannot_refuse' })
  assert.deepEqual(valuesOf(await refuse(fixed.id, '商品已发出'), 'sub_code'), [
    'isv.refund-operation-forbidden',
  ])
  assert.equal(await status(fixed.id), 'WAIT_SELLER_AGREE')
})

test('lists refunds by one status, newest first, with only the fields asked for', async () => {
  const ask = (params: Record<string, string>) =>
    top(sandbox, taobao, 'taobao.refunds.receive.get', { fields: 'refund_id,status', ...params })
  const open = await ask({ status: 'WAIT_SELLER_AGREE' })
  assert.deepEqual([...new Set(valuesOf(open, 'status'))], ['WAIT_SELLER_AGREE'])
  assert.deepEqual(valuesOf(open, 'tid'), [])
  assert.deepEqual(valuesOf(await ask({ status: 'NONSENSE' }), 'sub_code'), ['isv.invalid-parameter:status'])
  assert.deepEqual(valuesOf(await ask({ use_has_next: 'true', page_size: '1' }), 'has_next'), ['true'])
})

test('gives the reasons for refusing one by one, and the deadline in the detail', async () => {
  const { id } = await openRefund('tb', { fee: 100, deadlineIn: 3600 })
  const reasons = await top(sandbox, taobao, 'taobao.refund.refusereason.get', {
    refund_id: id,
    refund_phase: 'onsale',
    fields: 'reason_id,reason_text',
  })
  assert.deepEqual(valuesOf(reasons, 'reason_id'), ['21', '22', '23'])
  const detail = await top(sandbox, taobao, 'taobao.refund.get', {
    refund_id: id,
    fields: 'refund_remind_timeout',
  })
  assert.match(
    detail,
    /"refund":\{"refund_remind_timeout":\{"exist_timeout":true,"remind_type":8,"timeout":"2026-11-24 13:00:00"\}\}/,
  )
})
