import type { LocalizedText } from '../lib/localized-text.ts'
import type { LineRefund, TradeLine } from './connector.ts'

/** A line of goods in a sheet. */
export type SheetGoods = Pick<
  TradeLine,
  'title' | 'spec' | 'quantity' | 'outerSkuId' | 'outerItemId' | 'refund'
>

const lineRefundWords: Record<LineRefund, LocalizedText> = {
  none: { zh: '', en: '' },
  applied: { zh: '退款申请中', en: 'refund open' },
  succeeded: { zh: '已退款', en: 'refunded' },
  closed: { zh: '', en: '' },
}

/** "四件套 雾蓝 × 2; …" */
export function goodsText(goods: readonly SheetGoods[], language: 'zh' | 'en'): string {
  return goods
    .map(({ title, spec, quantity, refund }) => {
      const name = [title, spec].filter(Boolean).join(' ')
      const state = lineRefundWords[refund][language]
      return `${name} × ${quantity}${state === '' ? '' : ` (${state})`}`
    })
    .join('; ')
}

export function codesText(goods: readonly SheetGoods[]): string {
  return [...new Set(goods.map((line) => line.outerSkuId || line.outerItemId).filter(Boolean))].join('; ')
}
