import type { BillTradeView } from '../finance/recon-contract.ts'
import { gapCauseWords, reconciliationStateLabels } from '../finance/recon-lifecycle.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
import { clock, type ExportColumn, shop } from './export-columns.ts'

const money = (words: LocalizedText, fen: (row: BillTradeView) => number): ExportColumn<BillTradeView> => ({
  ...words,
  width: 14,
  money: true,
  value: (row) => ({ fen: fen(row) }),
})

export const billTradeColumns: readonly ExportColumn<BillTradeView>[] = [
  { zh: '交易号', en: 'Trade no.', width: 22, value: (row) => row.tid },
  ...shop<BillTradeView>(),
  { zh: '时间', en: 'Time', width: 20, value: (row) => clock(row.at) },
  money({ zh: '平台收款', en: 'Bill in' }, (row) => row.billInFen),
  money({ zh: '平台退款', en: 'Bill out' }, (row) => row.billOutFen),
  money({ zh: '平台费用', en: 'Fees' }, (row) => row.feeFen),
  money({ zh: '我们收款', en: 'Own in' }, (row) => row.ownInFen),
  money({ zh: '我们退款', en: 'Own out' }, (row) => row.ownOutFen),
  money({ zh: '差额', en: 'Gap' }, (row) => row.gapFen),
  {
    zh: '原因',
    en: 'Cause',
    width: 14,
    value: (row, { language }) => (row.cause === '' ? '' : gapCauseWords[row.cause][language]),
  },
  {
    zh: '情况',
    en: 'Standing',
    width: 10,
    value: (row, { language }) => reconciliationStateLabels[row.standing][language],
  },
  { zh: '说明', en: 'Explained', width: 30, value: (row) => row.explainedWhy },
  { zh: '说明人', en: 'Explained by', width: 12, value: (row) => row.explainedBy },
]
