import type { PopMethod } from '../pinduoduo/call.ts'
import { type Method, missing, refused } from '../taobao/call.ts'
import { sellerId } from './books.ts'

/** taobao.tmc.user.permit: the topics replace those of before. A topic that is none is refused. */
export const tmcPermit: Method = ({ sandbox, shop, params }) => {
  const topics = (params.get('topics') ?? '').split(',').filter((topic) => topic !== '')
  if (topics.length === 0) return missing('topics')
  const wrong = topics.find((topic) => !/^taobao_(trade|refund|item)_\w+$/.test(topic))
  if (wrong !== undefined) return refused('isv.invalid-topics', `消息主题不存在:${wrong}`)
  sandbox.push.permits.set(shop.key, new Set(topics))
  return '"is_success":true'
}

export const tmcCancel: Method = ({ sandbox, shop, params }) => {
  if ((params.get('nick') ?? '') === '') return missing('nick')
  sandbox.push.permits.delete(shop.key)
  return '"is_success":true'
}

export const tmcUser: Method = ({ sandbox, shop }) => {
  const topics = sandbox.push.permits.get(shop.key)
  if (topics === undefined) return refused('isv.user-not-exist', '用户没有开通消息服务')
  return `"tmc_user":{"user_id":${sellerId(shop)},"user_nick":${JSON.stringify(shop.options.name)},"is_valid":true,"topics":{"string":${JSON.stringify([...(topics ?? [])])}}}`
}

/** taobao.jushita.jdp.user.add: from now on the rows of the shop are written; the history of `history_days` is not. */
export const jdpAdd: Method = ({ sandbox, shop, params }) => {
  if ((params.get('rds_name') ?? '') === '') return missing('rds_name')
  const days = params.get('history_days') ?? '0'
  if (!/^\d{1,2}$/.test(days) || Number(days) > 90)
    return refused('isv.invalid-parameter', '历史天数只能为90天内')
  sandbox.push.rdsShops.add(shop.key)
  return '"is_success":true'
}

export const jdpDelete: Method = ({ sandbox, shop, params }) => {
  if ((params.get('nick') ?? '') === '') return missing('nick')
  sandbox.push.rdsShops.delete(shop.key)
  return '"is_success":true'
}

/** pdd.pmc.user.permit: without topics the shop gets all of the app. */
export const pmcPermit: PopMethod = ({ sandbox, shop, params }) => {
  const topics = (params.get('topics') ?? '').split(',').filter((topic) => topic !== '')
  sandbox.push.permits.set(shop.key, topics.length === 0 ? null : new Set(topics))
  return { root: 'pmc_user_permit_response', inner: '"is_success":true' }
}
