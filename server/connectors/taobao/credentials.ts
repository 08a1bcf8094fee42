import { Type } from 'typebox'
import { type SignMethod, signMethods } from '../../wire/sign.ts'
import {
  addressField,
  databaseField,
  optionalSecret,
  optionalText,
  secretField,
  socketField,
  valueOr,
} from '../credential-fields.ts'
import { databaseHosts } from './unverified.ts'

export const credentials = Type.Object({
  appKey: Type.String({ title: 'App Key', description: 'App key', minLength: 1, maxLength: 64 }),
  appSecret: secretField('App Secret', 'App secret'),
  signMethod: Type.Union(
    signMethods.map((method) => Type.Literal(method)),
    { title: '签名方法', description: 'Signature method', default: 'hmac-sha256' },
  ),
  gatewayUrl: addressField('https://gw.api.taobao.com/router/rest', '网关地址', 'Gateway address'),
  authorizeUrl: addressField('https://oauth.taobao.com/authorize', '授权地址', 'Authorisation address'),
  tokenUrl: addressField('https://oauth.taobao.com/token', '令牌地址', 'Token address'),
  /** TMC offers ws without encryption only. An address with wss needs a tunnel of one's own. */
  pushUrl: socketField('ws://mc.api.taobao.com/', '消息推送地址', 'Push address'),
  /** 数据推送: a database of the app in 聚石塔, reached from inside it only. */
  rdsAddress: databaseField(
    databaseHosts,
    'rdsPassword',
    'RDS 地址（聚石塔数据推送，没有就留空）',
    'RDS address (data push, may be empty)',
  ),
  rdsUser: optionalText('RDS 账号', 'RDS user'),
  rdsPassword: optionalSecret('RDS 密码（用数据推送时填）', 'RDS password, for data push'),
  rdsName: optionalText(
    'RDS 实例名（店铺已在控制台加入推送就留空）',
    'RDS instance (empty: the shop was added in the console)',
  ),
})

export type TaobaoApp = {
  appKey: string
  appSecret: string
  signMethod: SignMethod
  gatewayUrl: string
  authorizeUrl: string
  tokenUrl: string
  pushUrl: string
  rdsAddress: string
  rdsUser: string
  rdsPassword: string
  rdsName: string
}

export function appOf(stored: Readonly<Record<string, string>>): TaobaoApp {
  const { properties } = credentials
  return {
    appKey: stored.appKey ?? '',
    appSecret: stored.appSecret ?? '',
    signMethod: signMethods.find((method) => method === stored.signMethod) ?? 'hmac-sha256',
    gatewayUrl: valueOr(stored.gatewayUrl, properties.gatewayUrl),
    authorizeUrl: valueOr(stored.authorizeUrl, properties.authorizeUrl),
    tokenUrl: valueOr(stored.tokenUrl, properties.tokenUrl),
    pushUrl: valueOr(stored.pushUrl, properties.pushUrl),
    rdsAddress: stored.rdsAddress ?? '',
    rdsUser: stored.rdsUser ?? '',
    rdsPassword: stored.rdsPassword ?? '',
    rdsName: stored.rdsName ?? '',
  }
}
