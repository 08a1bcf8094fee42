import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { yuan } from '../../../../server/lib/money-text.ts'
import { connectorsQuery, useShops } from '../../ui/base/session.ts'
import { TextField } from '../../ui/form/form.tsx'
import { useSay } from '../../words.ts'
import type { RefundRow } from '../types.ts'
import { type AgreementEffect, agreementEffect } from './agreement-effect.ts'

/** The state of an agreement form: the amount, which the user types again, and a code if the platform requires one. */
export function useAgreement(amountFen: number) {
  const [typed, setTyped] = useState('')
  const [code, setCode] = useState('')
  return {
    same: Math.round(Number(typed.replaceAll(',', '')) * 100) === amountFen,
    input: code === '' ? {} : { code },
    fields: { amount: yuan(amountFen), typed, setTyped, code, setCode },
  }
}

/** True if the platform of one of these shops may send a code to the shop's owner and wait for it. */
function useMaySendCode(shopIds: readonly string[]): boolean {
  const shops = useShops()
  const sending = useQuery(connectorsQuery).data?.rows.filter(({ agreeCode }) => agreeCode)
  return shops.some(
    ({ id, platform }) => shopIds.includes(id) && sending?.some((connector) => connector.id === platform),
  )
}

/** Returns a function that says the effect of agreeing to a refund now. */
export function useEffectOf(): (refund: RefundRow) => AgreementEffect {
  const shops = useShops()
  const platforms = useQuery(connectorsQuery).data?.rows
  return (refund) => {
    const shop = shops.find(({ id }) => id === refund.shopId)
    return agreementEffect(
      refund,
      platforms?.find(({ id }) => id === shop?.platform),
    )
  }
}

/** `codeSent`: the platform has sent a code to the shop's owner and waits for it. */
export function AgreementFields({
  fields,
  label,
  shopIds,
  codeSent,
}: {
  fields: ReturnType<typeof useAgreement>['fields']
  label: string
  shopIds: readonly string[]
  codeSent: boolean
}) {
  const maySend = useMaySendCode(shopIds)
  const say = useSay()
  return (
    <>
      <TextField
        label={label}
        value={fields.typed}
        onChange={fields.setTyped}
        inputMode="decimal"
        placeholder={fields.amount}
        autoFocus
      />
      {(codeSent || maySend) && (
        <TextField
          label={
            codeSent
              ? say(['短信验证码，平台已发给店主', 'Code by text message, sent to the shop owner'])
              : say([
                  '短信验证码，平台要求时才填',
                  'Code by text message, only when the platform asked for one',
                ])
          }
          value={fields.code}
          onChange={fields.setCode}
          inputMode="numeric"
          maxLength={12}
        />
      )}
    </>
  )
}
