import { Type } from 'typebox'
import { addressField, secretField, socketField, valueOr } from '../credential-fields.ts'

export const credentials = Type.Object({
  clientId: Type.String({ title: 'Client ID', description: 'Client id', minLength: 1, maxLength: 64 }),
  clientSecret: secretField('Client Secret', 'Client secret'),
  gatewayUrl: addressField('https://gw-api.pinduoduo.com/api/router', '网关地址', 'Gateway address'),
  authorizeUrl: addressField(
    'https://fuwu.pinduoduo.com/service-market/auth',
    '授权地址',
    'Authorisation address',
  ),
  pushUrl: socketField('wss://message-api.pinduoduo.com/message', '消息推送地址', 'Push address'),
})

export type PinduoduoApp = {
  clientId: string
  clientSecret: string
  gatewayUrl: string
  authorizeUrl: string
  pushUrl: string
}

export function appOf(stored: Readonly<Record<string, string>>): PinduoduoApp {
  const { properties } = credentials
  return {
    clientId: stored.clientId ?? '',
    clientSecret: stored.clientSecret ?? '',
    gatewayUrl: valueOr(stored.gatewayUrl, properties.gatewayUrl),
    authorizeUrl: valueOr(stored.authorizeUrl, properties.authorizeUrl),
    pushUrl: valueOr(stored.pushUrl, properties.pushUrl),
  }
}
