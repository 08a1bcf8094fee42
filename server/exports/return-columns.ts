import type { ReturnView } from '../returns/contract.ts'
import {
  receiptWriteBackLabels,
  returnKindWords,
  returnOriginWords,
  returnStatusWords,
} from '../returns/lifecycle.ts'
import { clock, type ExportColumn, shop } from './export-columns.ts'

export const returnColumns: readonly ExportColumn<ReturnView>[] = [
  { zh: '退货单号', en: 'Return', width: 20, value: (row) => row.no },
  ...shop<ReturnView>(),
  { zh: '类型', en: 'Type', width: 12, value: (row, { language }) => returnKindWords[row.kind][language] },
  {
    zh: '来源',
    en: 'Made by',
    width: 12,
    value: (row, { language }) => returnOriginWords[row.origin][language],
  },
  {
    zh: '状态',
    en: 'Status',
    width: 10,
    value: (row, { language }) => returnStatusWords[row.status][language],
  },
  { zh: '未了结的问题', en: 'Open problems', width: 10, value: (row) => row.openProblems },
  { zh: '销售单号', en: 'Sales order', width: 20, value: (row) => row.orderNo },
  { zh: '交易号', en: 'Trade no.', width: 22, value: (row) => row.tid },
  { zh: '退款编号', en: 'Refund no.', width: 22, value: (row) => row.refundNo },
  { zh: '退款金额', en: 'Refund', width: 12, money: true, value: (row) => ({ fen: row.amountFen }) },
  { zh: '退货仓', en: 'Warehouse', width: 14, value: (row) => row.warehouseName },
  { zh: '快递', en: 'Courier', width: 10, value: (row) => row.courier },
  { zh: '退回运单', en: 'Waybill back', width: 20, value: (row) => row.waybillNo },
  { zh: '商品', en: 'Goods', width: 40, value: (row) => row.lines.map(goodsText).join('；') },
  { zh: '应退', en: 'Asked', width: 8, value: (row) => row.quantity },
  { zh: '良品', en: 'Good', width: 8, value: (row) => row.good },
  { zh: '次品', en: 'Defective', width: 8, value: (row) => row.defective },
  {
    zh: '回写平台',
    en: 'Platform told',
    width: 12,
    value: (row, { language }) => receiptWriteBackLabels[row.told][language],
  },
  { zh: '换货单', en: 'Exchange order', width: 20, value: (row) => row.exchangeOrderNo },
  { zh: '原因', en: 'Reason', width: 24, value: (row) => row.reason },
  { zh: '建单时间', en: 'Made at', width: 20, value: (row) => clock(row.createdAt) },
  { zh: '收货时间', en: 'Received at', width: 20, value: (row) => clock(row.receivedAt) },
  { zh: '收货人', en: 'Received by', width: 12, value: (row) => row.receivedBy },
  { zh: '结算时间', en: 'Settled at', width: 20, value: (row) => clock(row.settledAt) },
  { zh: '作废原因', en: 'Why voided', width: 24, value: (row) => row.voidReason },
]

const goodsText = ({ title, spec, skuCode, quantity }: ReturnView['lines'][number]) =>
  `${[title, spec, skuCode].filter(Boolean).join(' ')} × ${quantity}`
