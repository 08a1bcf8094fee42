import { Type } from 'typebox'
import { addressField, secretField, valueOr } from '../credential-fields.ts'

export const credentials = Type.Object({
  appId: Type.String({ title: 'App ID', description: 'App ID', minLength: 1, maxLength: 64 }),
  appSecret: secretField('AppSecret', 'App secret'),
  gatewayUrl: addressField(
    'https://ark.xiaohongshu.com/ark/open_api/v3/common_controller',
    '网关地址',
    'Gateway address',
  ),
  authorizeUrl: addressField(
    'https://ark.xiaohongshu.com/ark/authorization',
    '授权地址',
    'Authorisation address',
  ),
})

export function appOf(stored: Readonly<Record<string, string>>) {
  const { properties } = credentials
  return {
    appId: stored.appId ?? '',
    appSecret: stored.appSecret ?? '',
    gatewayUrl: valueOr(stored.gatewayUrl, properties.gatewayUrl),
    authorizeUrl: valueOr(stored.authorizeUrl, properties.authorizeUrl),
  }
}
