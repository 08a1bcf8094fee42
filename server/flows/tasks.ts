import Type from 'typebox'
import { defineTaskKind } from '../core/tasks/kinds.ts'
import type { OpenedShop } from '../shops/calls.ts'
import { autoConvertRefunds, autoConvertTrades } from './auto-convert.ts'

const whole = (fallback: number, minimum: number, maximum: number) =>
  Type.Integer({ default: fallback, minimum, maximum })
const eachMinute = { everySeconds: 60 }

export const flowTaskKinds = [
  defineTaskKind<OpenedShop, ReturnType<typeof autoConvertParams>>({
    kind: 'auto_convert_trades',
    name: { zh: '自动转单', en: 'Convert trades' },
    params: autoConvertParams(),
    defaultSchedule: eachMinute,
    enabled: false,
    run: autoConvertTrades,
  }),
  defineTaskKind<OpenedShop, ReturnType<typeof autoRefundParams>>({
    kind: 'auto_convert_refunds',
    name: { zh: '自动转退单', en: 'Convert refunds' },
    params: autoRefundParams(),
    defaultSchedule: eachMinute,
    run: autoConvertRefunds,
  }),
]

function autoConvertParams() {
  return Type.Object(
    {
      /** Minutes after the payment before a trade is converted, since the buyer may still change the order. */
      minutesAfterPayment: whole(15, 0, 10_080),
      skipWithMessage: Type.Boolean({ default: false }),
      skipWithMemo: Type.Boolean({ default: false }),
      skipWithFlag: Type.Boolean({ default: false }),
      tradesPerRun: whole(50_000, 1, 1_000_000),
    },
    { additionalProperties: false },
  )
}

function autoRefundParams() {
  return Type.Object(
    {
      /**
       * False: only succeeded refunds are converted automatically, since their money is paid; users convert the others by hand.
       */
      allStatuses: Type.Boolean({ default: false }),
      refundsPerRun: whole(20_000, 1, 1_000_000),
    },
    { additionalProperties: false },
  )
}
