import { type Json, textIn } from '../json-parts.ts'
import type { Sandbox } from '../state.ts'
import type { Refund, Shop, Trade } from '../world/model.ts'

export interface MallCall {
  sandbox: Sandbox
  shop: Shop
  /** What the event says. */
  data: Json
  /** Epoch seconds. */
  now: number
}

/** A refusal: the event is not sent again by itself. */
export interface MallError {
  status: number
  code: string
  message: string
}

export type MallResult = Json | MallError
export type MallEvent = (call: MallCall) => MallResult

export const wrong = (code: string, message: string): MallError => ({ status: 422, code, message })

export const isWrong = (result: object): result is MallError => 'status' in result && 'code' in result

export const askedTrade = ({ shop, data }: MallCall): Trade | MallError =>
  shop.trades.get(textIn(data, 'tid')) ?? wrong('trade_not_found', '没有这笔订单')

export const askedRefund = ({ shop, data }: MallCall): Refund | MallError =>
  shop.refunds.get(textIn(data, 'refundId')) ?? wrong('refund_not_found', '没有这笔退款')
