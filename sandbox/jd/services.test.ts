import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { aTrade, chinaTime, control, NOON, stillSandbox, type TestSandbox, valuesOf } from '../testing.ts'
import type { Refund } from '../world/model.ts'
import { venderId } from './order-json.ts'
import { serviceId, sysVersion } from './service-json.ts'
import { jos } from './testing.ts'

let sandbox: TestSandbox
before(async () => {
  sandbox = await stillSandbox()
})
after(() => sandbox.close())

const asker = { buId: String(venderId('jd')), operatePin: 'erp', operateNick: '商家' }
const asc = (method: string, param: Record<string, unknown> = {}) =>
  jos(sandbox, `jingdong.asc.${method}`, { ...asker, ...param })
/** The words of a refusal; '成功' of a success. */
const saysOf = (text: string) => valuesOf(text, 'msg')[0]

/** A service order of an order that has left. */
async function aService(kind = 'REFUND_AND_RETURN', steps: readonly string[] = []): Promise<Refund> {
  const tid = await aTrade(sandbox, 'jd', { type: 'fixed', lines: 1 })
  await control(sandbox, `trades/${tid}/ship`, {})
  await control(sandbox, 'refunds', { tid, kind })
  const trade = sandbox.world.shops.find(({ key }) => key === 'jd')?.trades.get(tid)
  const refund = trade?.refunds[0] ?? assert.fail()
  for (const step of steps) await control(sandbox, `refunds/${refund.id}/${step}`, {})
  return refund
}

const idsOf = (refund: Refund) => ({ serviceId: serviceId(refund), orderId: refund.trade.tid })
const sent = {
  approveNotes: '同意',
  approveReasonCid1: '1',
  returnContactName: '林晓',
  returnContactTel: '0571-12345678',
  returnZipcode: '310000',
  returnProvince: '15',
  returnCity: '1213',
  returnCounty: '3411',
  returnDetailAddress: '文三路1号',
  returnAddressType: '1',
}
const page = { pageNumber: '1', pageSize: '50' }
const day = { updateTimeBegin: chinaTime(NOON - 3600), updateTimeEnd: chinaTime(NOON + 3600) }

describe('service orders of 京东', () => {
  it('are shown to who names the shop and themselves, under the order that they are of', async () => {
    const refund = await aService()
    for (const wrong of [{ buId: '1' }, { operatePin: '' }, { operateNick: '名'.repeat(51) }])
      assert.notEqual(saysOf(await asc('query.view', { ...idsOf(refund), ...wrong })), '成功')
    assert.equal(
      saysOf(await asc('query.view', { ...idsOf(refund), orderId: '300000000000' })),
      '服务单不存在',
    )
    const text = await asc('query.view', idsOf(refund))
    assert.match(text, /^\{"jingdong_asc_query_view_responce":\{"code":"0","result":\{/)
    assert.match(text, /"serviceStatus":10001,/)
    assert.match(text, new RegExp(`"actualPayPrice":${refund.fee / 100}[,}]`))
    assert.match(await asc('freight.view', idsOf(refund)), /"data":\{\}/)
  })

  it('are listed by the time of change or of the parcel, fifty a page, and never among applications', async () => {
    const refund = await aService('REFUND_AND_RETURN', ['agree'])
    const listed = async (param: Record<string, unknown>) =>
      valuesOf(await asc('sync.list', { ...page, ...param }), 'orderId').includes(refund.trade.tid)
    assert.equal(await listed(day), true)
    assert.equal(saysOf(await asc('sync.list', page)), '更新时间须成对填写')
    assert.match(
      saysOf(await asc('sync.list', { ...page, updateTimeBegin: chinaTime(NOON) })) ?? '',
      /成对填写/,
    )
    assert.match(saysOf(await asc('sync.list', { ...day, pageNumber: '1', pageSize: '51' })) ?? '', /1~50/)
    const parcels = {
      freightUpdateDateBegin: chinaTime(NOON - 3600),
      freightUpdateDateEnd: chinaTime(NOON + 3600),
    }
    assert.equal(await listed(parcels), false)
    const before = sysVersion(refund)
    await control(sandbox, `refunds/${refund.id}/return`, {})
    assert.equal(await listed(parcels), true)
    // A parcel moves no version.
    assert.equal(sysVersion(refund), before)
    assert.match(await asc('freight.view', idsOf(refund)), new RegExp(`"expressCode":"${refund.waybill}"`))
    const applications = await jos(sandbox, 'jingdong.pop.afs.soa.refundapply.queryPageList', {
      ...{ orderId: refund.trade.tid, pageIndex: '1', pageSize: '50' },
    })
    assert.match(applications, /"totalCount":0/)
  })

  it('take an agreement with an address and all their goods, once, in their present version', async () => {
    const refund = await aService()
    const details = { applyDetailIdList: [serviceId(refund) + 5] }
    const agreed = async (more: Record<string, unknown>) =>
      saysOf(
        await asc('audit.send', {
          ...{ ...idsOf(refund), ...sent, ...details, sysVersion: String(sysVersion(refund)) },
          ...more,
        }),
      )
    assert.equal(await agreed({ sysVersion: `${sysVersion(refund)}1` }), '服务单版本号已变更，请刷新')
    assert.equal(await agreed({ approveReasonCid1: '9' }), 'approveReasonCid1不正确')
    assert.equal(await agreed({ approveNotes: '' }), 'approveNotes不能为空')
    assert.equal(await agreed({ returnZipcode: '' }), 'returnZipcode不能为空')
    assert.equal(await agreed({ returnCity: '杭州' }), 'returnCity不正确')
    assert.equal(await agreed({ returnAddressType: '' }), 'returnAddressType不能为空')
    assert.equal(await agreed({ applyDetailIdList: [] }), 'applyDetailIdList不正确')
    assert.equal(refund.status, 'WAIT_SELLER_AGREE')
    assert.equal(await agreed({}), '成功')
    assert.equal(refund.status, 'WAIT_BUYER_RETURN_GOODS')
    assert.equal(
      await agreed({ sysVersion: String(sysVersion(refund)) }),
      '服务单状态不允许审核：WAIT_BUYER_RETURN_GOODS',
    )
    const reship = await aService('RESHIPPING')
    const none = {
      ...sent,
      applyDetailIdList: [serviceId(reship) + 5],
      sysVersion: String(sysVersion(reship)),
    }
    assert.equal(saysOf(await asc('audit.send', { ...idsOf(reship), ...none })), '该服务单不需要返件')
  })

  it('are received with the condition of their goods once these are on their way, and paid then', async () => {
    const refund = await aService('REFUND_AND_RETURN', ['agree'])
    const good = {
      ...{ receivePin: 'erp', receiveName: '商家', receiveRemark: '已收', wareNum: refund.num },
      ...{ packingState: 10, qualityState: 20, invoiceRecord: 30 },
      ...{ judgmentReason: 10, accessoryOrGift: 10, appearanceState: 10 },
    }
    const early = await aService('REFUND_AND_RETURN', [])
    const received = async (more: Record<string, unknown> = {}) =>
      saysOf(await asc('receive.register', { ...idsOf(refund), ...good, ...more }))
    assert.equal(
      await received({ ...idsOf(early), wareNum: early.num }),
      '服务单状态不允许登记：WAIT_SELLER_AGREE',
    )
    await control(sandbox, `refunds/${refund.id}/return`, {})
    assert.equal(await received({ qualityState: 40 }), 'qualityState不正确')
    assert.equal(await received({ receiveName: '' }), 'receiveName不能为空')
    assert.equal(await received({ wareNum: refund.num + 1 }), 'wareNum不正确')
    assert.equal(refund.status, 'WAIT_SELLER_CONFIRM_GOODS')
    assert.equal(await received(), '成功')
    assert.deepEqual([refund.status, refund.trade.status], ['SUCCESS', 'WAIT_BUYER_CONFIRM_GOODS'])
    const money = await jos(sandbox, 'jingdong.asc.serviceAndRefund.view', {
      ...page,
      orderId: refund.trade.tid,
    })
    assert.match(money, new RegExp(`"refoundAmount":${refund.fee / 100},.*"status":13`))
  })

  it('show their money by order, or for ten days of answers at most', async () => {
    const money = (param: Record<string, unknown>) =>
      jos(sandbox, 'jingdong.asc.serviceAndRefund.view', { ...page, ...param })
    const days = (count: number) => ({
      approveTimeBegin: chinaTime(NOON - count * 86_400),
      approveTimeEnd: chinaTime(NOON),
    })
    assert.equal(saysOf(await money(days(10))), '成功')
    assert.equal(saysOf(await money(days(11))), '申请时间不超过7天，审核时间不超过10天')
    assert.match(saysOf(await money({})) ?? '', /^查询条件不能为空/)
  })
})
