import { sql } from 'kysely'
import { type Press, rowsAt, type Seeded, sure } from './press.ts'
import { is, listed, numbers, reason } from './rows.ts'
import type { PressHouse } from './seeds.ts'

const fresh = numbers('', 6)

export function moneyPresses(house: PressHouse): Press[] {
  const { boss, confirmed, order, shopId } = house
  const draft = async (): Promise<Seeded> => {
    const one = await confirmed()
    return { id: await house.one(sql`select id as is from settlement where order_id = ${one.id}`) }
  }
  const after =
    (...verbs: string[]) =>
    async () => {
      const one = await draft()
      for (const verb of verbs)
        await boss.call('POST', `/api/settlements/${verb}`, {
          ids: [one.id],
          ...(verb === 'void' ? { reason: '错了' } : {}),
        })
      return one
    }
  const row = rowsAt(listed('/settlements'), 'finance.read')
  const status = is('settlement', 'status')
  const extra = async (): Promise<Seeded> => {
    const one = await order()
    const input = { orderId: one.id, kind: 'compensation', amountFen: 100, reason: '补偿' }
    await boss.call('POST', '/api/extra-refunds', input)
    return {
      id: await house.one(sql`select id as is from extra_refund where order_id = ${one.id}`),
      no: one.no ?? '',
    }
  }
  const extras = rowsAt(() => '/extra-refunds?tab=draft', 'refunds.read')
  const billed = async (): Promise<Seeded> => {
    const no = `66${fresh()}000000`
    const bill = `流水号,订单号,时间,金额\nB${no},${no},2026-11-20 10:00:00,1`
    await boss.call('POST', '/api/bills/import', { shopId, file: Buffer.from(bill).toString('base64') })
    return { id: await house.one(sql`select id as is from bill_trade where tid = ${no}`), no }
  }
  const explained = async () => {
    const one = await billed()
    await boss.call('POST', '/api/bill-trades/explain', { ids: [one.id], reason: '线下补差' })
    return one
  }
  const bills = rowsAt(({ no }) => `/bill-trades?tab=all&q=${no}`, 'finance.read')
  return [
    row('/settlements/approve', 'finance.approve', {
      seed: draft,
      effect: status,
      is: 'approved',
      not: { seed: after('approve'), says: /审批/ },
    }),
    row('/settlements/post', 'finance.post', {
      seed: after('approve'),
      effect: status,
      is: 'posted',
      fill: sure,
      not: { seed: draft, says: /审批/ },
    }),
    row('/settlements/settle', 'finance.post', {
      seed: after('approve', 'post'),
      effect: status,
      is: 'settled',
      fill: sure,
    }),
    row('/settlements/unapprove', 'finance.approve', {
      seed: after('approve'),
      effect: status,
      is: 'draft',
      fill: sure,
    }),
    row('/settlements/void', 'finance.approve', { seed: draft, effect: status, is: 'voided', fill: reason }),
    row('/settlements/revive', 'finance.approve', {
      seed: after('void'),
      effect: status,
      is: 'draft',
      fill: sure,
    }),
    extras('/extra-refunds/approve', 'refunds.extra_approve', {
      seed: extra,
      effect: is('extra_refund', 'status'),
      is: 'approved',
      fill: sure,
    }),
    extras('/extra-refunds/void', 'refunds.extra', {
      seed: extra,
      effect: is('extra_refund', 'status'),
      is: 'voided',
      fill: sure,
    }),
    bills('/bill-trades/explain', 'finance.reconcile', {
      seed: billed,
      effect: is('bill_trade', 'standing'),
      is: 'explained',
      fill: reason,
    }),
    bills('/bill-trades/reopen', 'finance.reconcile', {
      seed: explained,
      effect: is('bill_trade', 'explained_why'),
      is: '',
    }),
  ]
}
