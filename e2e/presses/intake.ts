import { sql } from 'kysely'
import type { Refund } from '../../server/connectors/connector.ts'
import { wholeScope } from '../../server/core/access/actor.ts'
import { convertTrades } from '../../server/flows/convert-trade.ts'
import { queueTrades } from '../../server/intake/downloads/queue-queries.ts'
import { processRefunds } from '../../server/intake/refunds/refund-decisions.ts'
import { aRefund, aTrade, stage, stageRefunds, tradeOf } from '../../server/intake/testing.ts'
import { processTrades } from '../../server/intake/trades/trades.ts'
import { must } from '../../server/testing/run.ts'
import { packer } from '../../server/testing/shipping.ts'
import { type Press, rowsAt, type Seeded, sure } from './press.ts'
import { compensation, gone, is } from './rows.ts'
import type { PressHouse } from './seeds.ts'

const numbered =
  (path: string) =>
  ({ no = '' }: Seeded) =>
    `${path}${path.includes('?') ? '&' : '?'}q=${no}`

export function intakePresses(house: PressHouse): Press[] {
  return [...queuePresses(house), ...tradePresses(house), ...refundPresses(house)]
}

let made = 0

function queuePresses(house: PressHouse): Press[] {
  const { shopId, run } = house
  const queued = async (): Promise<Seeded> => {
    made += 1
    const tid = `77${String(made).padStart(14, '0')}`
    const brief = {
      ...{ kind: 'brief' as const, tid, modifiedAt: new Date(), createdAt: null, platformStatus: 'X' },
      ...{ type: 'fixed', buyerNick: '', receiverName: '', paymentFen: 1 },
    }
    await run((tx) => queueTrades(tx, shopId, [brief]))
    return { id: await house.one(sql`select id as is from download_queue where tid = ${tid}`), no: tid }
  }
  const queue = rowsAt(numbered('/download-queue'), 'queue.read')
  return [
    queue('/download-queue/download', 'queue.write', {
      seed: queued,
      effect: is('download_queue', 'urgent'),
      is: true,
    }),
    queue('/download-queue/remove', 'queue.write', {
      seed: queued,
      effect: gone('download_queue'),
      is: 0,
      fill: sure,
    }),
  ]
}

function tradePresses(house: PressHouse): Press[] {
  const { staged, run } = house
  const at = (tab: string) => rowsAt(numbered(`/staged-trades?tab=${tab}`), 'trades.read')
  const state = is('staged_trade', 'state')
  const elsewhere = () => staged({ status: 'shipped', shippedAt: new Date() })
  const processed = async () => {
    const one = await staged()
    must(await run((tx) => processTrades(tx, [one.id], { actor: packer, scope: wholeScope })))
    return one
  }
  const unpaid = () => staged({ status: 'unpaid', paidAt: null, finalUnpaid: false })
  return [
    at('staged')('/staged-trades/convert', 'trades.convert', {
      seed: staged,
      effect: state,
      is: 'converted',
    }),
    {
      ...at('blocked')('record', 'trades.convert', {
        seed: elsewhere,
        effect: state,
        is: 'converted',
        fill: sure,
      }),
      path: 'POST /staged-trades/convert',
      not: { seed: unpaid, says: /别处/ },
    },
    at('staged')('/staged-trades/process', 'trades.process', {
      seed: staged,
      effect: state,
      is: 'processed',
      fill: sure,
    }),
    at('staged')('/staged-trades/remove', 'trades.remove', {
      seed: staged,
      effect: gone('staged_trade'),
      is: 0,
      fill: sure,
    }),
    at('processed')('/staged-trades/unprocess', 'trades.process', {
      seed: processed,
      effect: state,
      is: 'fetching',
    }),
    {
      ...rowsAt(({ id }) => `/staged-trades?tab=staged&open=${id}`, 'trades.read')(
        '/staged-trades/convert',
        'trades.convert',
        { seed: staged, effect: state, is: 'converted' },
      ),
      where: 'drawer',
    },
    {
      action: 'download',
      path: 'POST /staged-trades/download',
      can: ['trades.read', 'trades.download'],
      seed: async () => ({ id: house.shopId }),
      at: () => '/staged-trades',
      where: 'page',
      fill: async (dialog) => dialog.getByRole('textbox').first().fill('2948105733999999999'),
      effect: () => sql`select count(*)::int as is from task_run where kind = 'trade_pull'`,
      is: 1,
      tells: (page) => page.getByRole('dialog').getByText('已开始下载'),
    },
  ]
}

function refundPresses(house: PressHouse): Press[] {
  const { intake, run } = house
  const refund = async (more: Partial<Refund> = {}): Promise<Seeded> => {
    const trade = aTrade()
    await stage(intake, trade)
    const id = (await tradeOf(intake, trade.tid))?.id ?? ''
    must(await run((tx) => convertTrades(tx, [id], { actor: packer, scope: wholeScope })))
    const asked = aRefund(trade, more)
    await stageRefunds(intake, asked)
    return {
      id: await house.one(sql`select id as is from staged_refund where refund_no = ${asked.refundId}`),
      no: asked.refundId,
      amount: String(asked.amountFen / 100),
      orderId: await house.one(sql`select id as is from sales_order where tid = ${trade.tid}`),
    }
  }
  const processed = async () => {
    const one = await refund()
    must(await run((tx) => processRefunds(tx, [one.id], { actor: packer, scope: wholeScope })))
    return one
  }
  const state = is('staged_refund', 'state')
  const open = rowsAt(({ id }) => `/staged-refunds?open=${id}`, 'refunds.read')
  const desk = rowsAt(numbered('/aftersale?tab=all'), 'refunds.read')
  const here = { where: 'drawer' } as const
  return [
    open('/staged-refunds/convert', 'refunds.convert', {
      seed: refund,
      effect: state,
      is: 'converted',
      ...here,
    }),
    open('/staged-refunds/process', 'refunds.process', {
      seed: refund,
      effect: state,
      is: 'processed',
      ...here,
      fill: sure,
    }),
    open('/staged-refunds/unprocess', 'refunds.process', {
      seed: processed,
      effect: state,
      is: 'staged',
      ...here,
    }),
    {
      ...open('agree', 'refunds.agree', {
        seed: refund,
        effect: is('staged_refund', 'state'),
        is: 'staged',
        ...here,
      }),
      path: 'POST /staged-refunds/:id/agree',
      effect: ({ id }) =>
        sql`select count(*)::int as is from platform_action where kind = 'refund.agree' and subject_id = ${id}`,
      is: 1,
      fill: async (dialog, _page, { amount = '' }) => dialog.getByRole('textbox').first().fill(amount),
    },
    desk('/staged-refunds/convert', 'refunds.convert', { seed: refund, effect: state, is: 'converted' }),
    desk('/staged-refunds/process', 'refunds.process', {
      seed: refund,
      effect: state,
      is: 'processed',
      fill: sure,
    }),
    desk('/aftersale/duty', 'refunds.duty', {
      seed: refund,
      effect: is('staged_refund', 'duty'),
      is: 'warehouse',
      fill: async (dialog) => void (await dialog.getByRole('combobox').selectOption('warehouse')),
    }),
    desk('/aftersale/agree', 'refunds.agree', {
      seed: refund,
      effect: ({ id }) =>
        sql`select count(*)::int as is from platform_action where kind = 'refund.agree' and subject_id = ${id}`,
      is: 1,
      fill: async (dialog, _page, { amount = '' }) => dialog.getByRole('textbox').first().fill(amount),
    }),
    {
      ...open('extra-refund', 'refunds.extra', { seed: refund, effect: state, is: '', ...here }),
      // Opening the order needs this permission.
      can: ['refunds.read', 'refunds.extra', 'orders.read'],
      path: 'POST /extra-refunds',
      effect: ({ orderId }) => sql`select count(*)::int as is from extra_refund where order_id = ${orderId}`,
      is: 1,
      fill: compensation,
    },
  ]
}
