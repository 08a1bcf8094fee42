import { declareList } from '../core/lists/declare-contract.ts'
import type { LocalizedPair } from '../lib/localized-text.ts'
import type { MessageAnswer } from './contract.ts'
import { documentOf, type MessageState, webhookDocuments, webhookKinds } from './lifecycle.ts'

export const messageStateWords: Record<MessageState, LocalizedPair> = {
  waiting: ['等待', 'Waiting'],
  delivered: ['已送到', 'Delivered'],
  given_up: ['没送到', 'Given up'],
}

/** Words of the kinds, with those of their document before them. */
export const webhookKindWords: Record<string, LocalizedPair> = Object.fromEntries(
  Object.entries(webhookKinds).map(([kind, { zh, en }]) => {
    const document = Object.entries(webhookDocuments).find(([name]) => name === documentOf(kind))?.[1]
    return [kind, [`${document?.zh}：${zh}`, `${document?.en}: ${en}`] as const]
  }),
)

/** 推送记录: the messages to programs. */
export const messageList = declareList<MessageAnswer>()({
  name: 'webhook-messages',
  path: '/webhook-messages',
  title: ['推送记录', 'Webhook messages'],
  permission: 'webhooks.write',
  summary: 'What is and was sent to programs, newest first',
  tab: 'waiting',
  tabKey: 'state',
  tabs: {
    waiting: {
      words: messageStateWords.waiting,
      empty: {
        title: ['没有等待推送的', 'Nothing pending'],
        remedy: ['有新事件会马上推送。', 'New events are sent at once.'],
      },
    },
    given_up: {
      words: messageStateWords.given_up,
      empty: {
        title: ['没有没送到的', 'Nothing was given up'],
        remedy: [
          '试了四天还送不到的列在这里，可以重发。',
          'What could not be delivered for four days is listed here.',
        ],
      },
    },
    delivered: { words: messageStateWords.delivered },
  },
  sorts: [],
  sort: '-id',
  filters: {
    subscription: { words: ['推送', 'Webhook'], kind: 'id', linked: true },
    kind: { words: ['事件', 'Event'], kind: 'choices', choices: webhookKindWords },
    created: { words: ['时间', 'Time'], kind: 'period' },
    no: {
      words: ['单号', 'Document no.'],
      kind: 'text',
      hint: ['订单号、发货单号、退款编号、货号', 'Number of a document or SKU'],
    },
  },
  columns: [
    { key: 'createdAt', words: ['时间', 'Time'], kind: 'time', page: { width: '130px', fixed: true } },
    { key: 'subscription', words: ['推送', 'Webhook'], page: { width: 'minmax(110px,140fr)' } },
    {
      key: 'kind',
      words: ['事件', 'Event'],
      codes: webhookKindWords,
      page: { width: 'minmax(180px,220fr)' },
    },
    { key: 'no', words: ['单号', 'Document'], page: { width: 'minmax(150px,180fr)' } },
    {
      key: 'answer',
      words: ['结果', 'Result'],
      page: { width: 'minmax(180px,300fr)' },
      of: (row) => row.answerStatus,
    },
    { key: 'attempts', words: ['次数', 'Tries'], page: { width: '64px', align: 'right' } },
    {
      key: 'next',
      words: ['再试', 'Next'],
      page: { width: '110px', align: 'right' },
      of: (row) => row.dueAt,
    },
  ],
})
