import { declareList } from '../core/lists/declare-contract.ts'
import type { DeliveryOut, DeliveryView } from './contract.ts'
import { deliveryList } from './lists-contract.ts'

const { number, print, wave, check, weigh, ready, shipped, failed, cancelled, pending, all } =
  deliveryList.tabs
const onPage = <Tab extends object>(tab: Tab) => ({ ...tab, unseen: undefined })
const inSheetAlone = <Column extends object>(column: Column) => ({ ...column, page: undefined })

/** 打单发货: deliveries by their next step, in the order of their deadlines. */
export const printDeskList = declareList<DeliveryView, DeliveryOut>()({
  ...deliveryList,
  name: 'print-desk',
  title: ['打单发货', 'Print and ship'],
  routesOf: 'deliveries',
  tab: 'number',
  tabs: {
    number: onPage(number),
    print: onPage(print),
    wave: onPage(wave),
    check: onPage(check),
    weigh: onPage(weigh),
    ready: onPage(ready),
    shipped,
    failed: { ...failed, words: ['异常', 'Failed'] },
    cancelled: { ...cancelled, unseen: true },
    pending: { ...pending, unseen: true },
    all: { ...all, unseen: true },
  },
  sort: 'shipBy',
  columns: [
    ...deliveryList.columns.flatMap((column) => ('sheet' in column ? [inSheetAlone(column)] : [])),
    {
      key: 'no',
      words: ['发货单 / 店铺', 'Delivery / shop'],
      page: { width: 'minmax(132px,152fr)', fixed: true },
    },
    { key: 'goods', words: ['商品', 'Goods'], page: { width: 'minmax(164px,212fr)', sort: 'goods' } },
    { key: 'receiver', words: ['收件人', 'Receiver'], page: { width: 'minmax(104px,128fr)' } },
    // Room for a number of two letters and 13 digits.
    { key: 'waybill', words: ['运单 / 快递', 'Waybill / courier'], page: { width: 'minmax(136px,146fr)' } },
    {
      key: 'shipBy',
      words: ['发货剩余', 'Ship within'],
      page: { width: '116px', align: 'right', sort: 'shipBy' },
    },
    { key: 'printCount', words: ['打印', 'Printed'], page: { width: '58px', align: 'right' }, sheet: 8 },
  ],
})
