import type { Static } from 'typebox'
import { tradeStatusWords, tradeTypeWords } from '../../connectors/words-contract.ts'
import { declareList } from '../../core/lists/declare-contract.ts'
import type { queueRow } from '../contract.ts'

const { unknown: _, ...knownStatuses } = tradeStatusWords

export const queueList = declareList<Static<typeof queueRow>>()({
  name: 'download-queue',
  path: '/download-queue',
  title: ['待下载订单', 'Download queue'],
  permission: 'queue.read',
  summary: 'The download queue, oldest first',
  tab: 'waiting',
  tabs: {
    waiting: {
      words: ['等待中', 'Waiting'],
      empty: {
        title: ['队列空了', 'The queue is empty'],
        remedy: ['列表里的交易都取到了明细。', 'Every listed trade has its detail.'],
      },
    },
  },
  sorts: ['id'],
  sort: 'id',
  filters: {
    shop: { words: ['店铺', 'Shop'], kind: 'shops' },
    /** true: trades that we do not have. false: trades that changed after we staged them. */
    isNew: { words: ['新交易', 'New'], kind: 'yesNo' },
    buyer: {
      words: ['买家', 'Buyer'],
      kind: 'text',
      hint: ['完整昵称，或列表里显示的样子', 'The whole nick, or as the list shows it'],
    },
    receiver: {
      words: ['收件人', 'Receiver'],
      kind: 'text',
      hint: ['完整姓名，或列表里显示的样子', 'The whole name, or as the list shows it'],
    },
    /** The API also takes `unknown`, for every word of a platform that we do not know. */
    status: { words: ['平台状态', 'Platform status'], kind: 'choices', choices: knownStatuses },
    type: { words: ['类型', 'Type'], kind: 'choices', choices: tradeTypeWords },
    modified: { words: ['修改时间', 'Modified'], kind: 'period' },
    waitingTo: { words: ['排队早于', 'In the queue since before'], kind: 'until' },
    /** true: the detail request has failed before. */
    failed: { words: ['下载失败过', 'Failed before'], kind: 'yesNo' },
    q: { words: ['搜索', 'Search'], kind: 'text', hint: ['交易号', 'Trade no.'] },
    tids: { words: ['单号', 'Numbers'], kind: 'numbers' },
    ids: { words: ['指定的交易', 'Given trades'], kind: 'ids', linked: true },
  },
  columns: [
    { key: 'tid', words: ['交易号', 'Trade no.'], sheet: 22 },
    {
      key: 'tid',
      words: ['交易号 / 店铺', 'Trade no. / shop'],
      page: { width: 'minmax(170px,200fr)', fixed: true },
    },
    { key: 'platform', words: ['平台', 'Platform'], kind: 'platform', sheet: 10 },
    {
      key: 'shop',
      words: ['店铺', 'Shop'],
      kind: 'shop',
      page: { width: 'minmax(120px,140fr)', only: 'compact' },
      sheet: 20,
    },
    { key: 'platformStatus', words: ['平台状态', 'Platform status'], sheet: 26 },
    { key: 'type', words: ['类型', 'Type'], sheet: 14 },
    { key: 'paymentFen', words: ['实付', 'Paid'], kind: 'money', sheet: 12 },
    {
      key: 'buyer',
      words: ['买家', 'Buyer'],
      of: (row) => row.buyerMasked,
      page: { width: 'minmax(100px,120fr)' },
      sheet: 12,
    },
    {
      key: 'receiver',
      words: ['收件人', 'Receiver'],
      of: (row) => row.receiverMasked,
      page: { width: 'minmax(100px,120fr)' },
      sheet: 20,
    },
    { key: 'type', words: ['类型', 'Type'], codes: tradeTypeWords, page: { width: 'minmax(80px,90fr)' } },
    { key: 'status', words: ['平台状态', 'Status'], page: { width: 'minmax(96px,110fr)' } },
    {
      key: 'payment',
      words: ['实付 ¥', 'Paid ¥'],
      kind: 'money',
      of: (row) => row.paymentFen,
      page: { width: '90px', align: 'right' },
    },
    { key: 'isNew', words: ['新交易', 'New'], sheet: 8 },
    { key: 'urgent', words: ['加急', 'Urgent'], sheet: 8 },
    { key: 'modifiedAt', words: ['平台更新时间', 'Changed at'], kind: 'time', sheet: 20 },
    {
      key: 'modified',
      words: ['修改时间', 'Modified'],
      kind: 'time',
      of: (row) => row.modifiedAt,
      page: { width: '100px', align: 'right' },
    },
    { key: 'waitingSince', words: ['等待自', 'Waiting since'], kind: 'time', sheet: 20 },
    { key: 'waiting', words: ['已等', 'Waiting'], page: { width: '80px', align: 'right' } },
    { key: 'tries', words: ['次数 / 错误', 'Tries / error'], page: { width: 'minmax(96px,150fr)' } },
  ],
})
