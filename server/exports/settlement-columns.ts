import type { SettlementView } from '../finance/contract.ts'
import { settlementKinds, settlementStatusWords } from '../finance/lifecycle.ts'
import { clock, type ExportColumn, shop } from './export-columns.ts'

export const settlementColumns: readonly ExportColumn<SettlementView>[] = [
  { zh: '结算单号', en: 'Settlement', width: 20, value: (row) => row.no },
  ...shop<SettlementView>(),
  {
    zh: '类型',
    en: 'Type',
    width: 14,
    value: (row, { language }) => settlementKinds[row.kind][language],
  },
  { zh: '金额', en: 'Amount', width: 14, money: true, value: (row) => ({ fen: row.amountFen }) },
  {
    zh: '状态',
    en: 'Status',
    width: 10,
    value: (row, { language }) => settlementStatusWords[row.status][language],
  },
  { zh: '销售单号', en: 'Sales order', width: 20, value: (row) => row.orderNo },
  { zh: '交易号', en: 'Trade no.', width: 22, value: (row) => row.tid },
  { zh: '来源单号', en: 'Source', width: 22, value: (row) => row.source },
  { zh: '产生时间', en: 'Made at', width: 20, value: (row) => clock(row.createdAt) },
  { zh: '产生人', en: 'Made by', width: 12, value: (row) => row.createdBy },
  { zh: '审批时间', en: 'Approved at', width: 20, value: (row) => clock(row.approvedAt) },
  { zh: '审批人', en: 'Approved by', width: 12, value: (row) => row.approvedBy },
  { zh: '记账时间', en: 'Posted at', width: 20, value: (row) => clock(row.postedAt) },
  { zh: '记账人', en: 'Posted by', width: 12, value: (row) => row.postedBy },
  { zh: '结算时间', en: 'Settled at', width: 20, value: (row) => clock(row.settledAt) },
  { zh: '结算人', en: 'Settled by', width: 12, value: (row) => row.settledBy },
  { zh: '作废时间', en: 'Voided at', width: 20, value: (row) => clock(row.voidedAt) },
  { zh: '作废原因', en: 'Why voided', width: 24, value: (row) => row.voidReason },
]
