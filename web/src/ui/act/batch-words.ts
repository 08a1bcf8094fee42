import { reasonWords } from '../../../../server/intake/lifecycle.ts'
import type { LocalizedText } from '../../../../server/lib/localized-text.ts'
import type { LocalizedPair, Say } from '../../words.ts'

const refusalWords: Record<string, LocalizedPair> = {
  already_converted: ['已转过', 'Converted before'],
  run_queue_full: ['排队的执行太多，等它们完成', 'Too many runs wait; let them end first'],
  not_found: ['已不在', 'No longer there'],
  outside_scope: ['没有这家店铺的权限', 'No access to this shop'],
  wrong_state: ['状态已变', 'Its state has changed'],
  already: ['已经是这样', 'Done before'],
  already_staged: ['在待转入', 'Staged'],
  already_processed: ['已标为处理', 'Marked processed'],
  already_refusing: ['正在拒绝', 'Being refused'],
  already_refused: ['已拒绝', 'Refused'],
  already_agreed: ['已同意', 'Agreed to'],
  being_answered: ['已在写回平台，等结果', 'Being told; wait for its answer'],
  already_fetching: ['取明细中', 'Fetching detail'],
  not_shipped_elsewhere: ['没有在别处发货', 'Not shipped elsewhere'],
  nothing_to_convert: ['没有可转的商品', 'Nothing to convert'],
  not_doubtful: ['没有待采用的存疑内容', 'Nothing in doubt waits to be taken'],
  not_duplicate: ['没有同号单', 'No order of our own has its number'],
  wrong_status: ['状态不对', 'Its status does not allow it'],
  on_hold: ['挂起中', 'On hold'],
  hold_of_refund: ['退款的挂起，退款关闭后自动解除', 'Held by a refund; lifted once it closes'],
  not_held: ['没有挂起', 'Not on hold'],
  refunded_whole: ['已全部退款', 'Fully refunded'],
  put_back: ['已合回原单', 'Put back into its order'],
  too_many_parts: ['拆出的单太多', 'Too many parts'],
  refund_not_open: ['退款已不在申请中', 'The refund is no longer open'],
  goods_first: ['先在平台同意退货，货寄回后才能同意退款', 'Agree to the return first, on its own pages'],
  pays_nothing: ['换货、补发、维修不退钱', 'No money is paid'],
  paid_there: ['到平台后台退款', 'Use its own pages'],
  unsupported_by_platform: ['平台接口不支持，到平台后台处理', 'No such call; use its own pages'],
  not_converted: ['交易未转单', 'The trade is not converted'],
  cannot_apply: ['不能自动采用，手工处理后忽略', 'Handle it by hand, then ignore'],
  no_difference: ['没有未处理的差异', 'No open change'],
  kind_unknown: ['退款类型未识别', 'Unknown kind of refund'],
  status_unknown: ['退款状态未识别', 'Unknown refund status'],
  original_voided: ['原单已作废', 'The original is voided'],
  sku_not_found: ['没有这个 SKU', 'There is no such SKU'],
  sku_retired: ['SKU 已停用', 'The SKU is retired'],
  not_matched: ['没有匹配', 'Not matched'],
  matched_by_person: ['人工匹配的不变', 'Matched by a person'],
  no_sku_of_code: ['没有 SKU 是这个编码', 'No SKU has its outer code'],
  upload_off: ['店铺没有开启库存同步', 'Stock upload is off for the shop'],
  listing_gone: ['平台商品已下架删除', 'The listing is gone'],
  paused: ['已暂停', 'Paused'],
  not_paused: ['没有暂停', 'Not paused'],
  in_bundle: ['在用的套餐含有它', 'A bundle holds it'],
  amount_differs: ['金额已变', 'The amount has changed'],
  no_warehouse: ['没有退货仓，选一个再收货', 'No return warehouse: choose one'],
  no_sku: ['商品没匹配 SKU，入不了库', 'Its goods have no SKU'],
  exchange_open: ['还没有换货单', 'Its exchange order is not made yet'],
  not_received: ['还没收齐货', 'The goods are not all back yet'],
  nothing_to_tell: ['不用回写', 'There is nobody to tell'],
  failed: ['出错', 'Failed'],
  detail_failed: ['取明细失败', 'Detail failed'],
  write_back_failed: ['回写失败', 'Write-back failed'],
  write_back_unclear: ['回写结果不明', 'Write-back unclear'],
  parked: ['异常数据', 'Unreadable data'],
  forbidden: ['没有权限', 'Permission missing'],
  stopped: ['已停止', 'Stopped'],
}

/** Returns the text of a refusal's code, with the remedy if there is one. */
export function refusalText(code: string | undefined, say: Say): string {
  return say(wordsOfRefusal(code ?? '') ?? ['现在做不了', 'Cannot be done now'])
}

/** Returns the text of a row's outcome: the server's message, otherwise the text of the code. */
export function outcomeText(
  outcome: { code?: string | undefined; message?: LocalizedText | null | undefined } | undefined,
  say: Say,
): string {
  return outcome?.message ? say(outcome.message) : refusalText(outcome?.code, say)
}

/** Returns the text of a code; undefined if the code is unknown. */
export function wordsOfRefusal(code: string): LocalizedPair | LocalizedText | undefined {
  const reason = Object.entries(reasonWords).find(([name]) => name === code)?.[1]
  return reason ?? refusalWords[code]
}

const remedyWords: Record<string, LocalizedPair> = {
  detail_failed: ['自动再取；一直失败就看原因', 'Fetched again automatically; see the reason if it stays'],
  write_back_failed: ['平台拒绝，更正后再写', 'The platform refused; correct and write again'],
  write_back_unclear: ['到平台核对，再说明结果', 'Check on the platform, then say what happened'],
  on_hold: ['按原因处理后解除挂起', 'Deal with the reason, then release'],
  short: [
    '到货后按付款先后自动占用，或改仓',
    'Goods that come in go to who paid first; or change the warehouse',
  ],
  unmatched: ['匹配平台商品后自动解除', 'It ends automatically once its listing is matched'],
  hold_of_refund: ['处理退款，或等它关闭', 'Handle the refund, or wait until it closes'],
  not_matched: ['先匹配 SKU', 'Match a SKU first'],
  upload_off: ['在店铺设置里打开', 'Switch it on in the shop settings'],
  parked: ['原文已封存，等版本更新后重读', 'Kept sealed, to be read again by a newer version'],
}

export function remedyText(code: string, say: Say): string {
  const reason = Object.entries(reasonWords).find(([name]) => name === code)?.[1]
  const words = remedyWords[code]
  if (reason) return say([reason.zhRemedy, reason.enRemedy])
  return words ? say(words) : ''
}
