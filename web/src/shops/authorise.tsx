import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { errorText, get, post } from '../api.ts'
import { Button } from '../ui/base/button.tsx'
import { troubleText } from '../ui/base/code-words.ts'
import { Note } from '../ui/base/empty.tsx'
import { every } from '../ui/base/every.ts'
import { connectorsQuery, useAllowed } from '../ui/base/session.ts'
import { Status } from '../ui/base/status.tsx'
import { dateOf, readBeijing } from '../ui/base/time.ts'
import { TextField } from '../ui/form/form.tsx'
import { FormDialog } from '../ui/overlay/form-dialog.tsx'
import { toast } from '../ui/overlay/toasts.tsx'
import { type Say, useSay } from '../words.ts'
import type { ShopOut } from './types.ts'

export function authText(shop: ShopOut, say: Say): { tone: 'ok' | 'bad' | 'ring' | 'warn'; text: string } {
  if (!shop.enabled) return { tone: 'ring', text: say(['已停用', 'Switched off']) }
  if (shop.authState === 'none') return { tone: 'ring', text: say(['未授权', 'Not authorised']) }
  if (shop.authState === 'expired') return { tone: 'bad', text: say(['授权失效', 'Authorisation ended']) }
  const until = shop.refreshExpiresAt ?? shop.tokenExpiresAt
  return {
    tone: shop.authError ? 'warn' : 'ok',
    text: until
      ? say(['授权至 {at}', 'Authorised until {at}'], { at: dateOf(until) })
      : say(['已连接', 'Connected']),
  }
}

/**
 * The seller authorises us on the platform's page; then we check which shop the access token belongs to. Where there is no such page, the check
 * of the keys alone connects the shop.
 */
export function Authorise({ shop }: { shop: ShopOut }) {
  const say = useSay()
  const queries = useQueryClient()
  const [pasting, setPasting] = useState(false)
  const connectors = useQuery(connectorsQuery)
  const live = useQuery({
    queryKey: ['/shops', shop.id],
    queryFn: () => get('/shops/:id', { id: shop.id }),
    // The seller is on another page meanwhile, so the shop is read again and again until it is authorised.
    refetchInterval: (query) => (query.state.data?.shop.authState === 'live' ? false : every(3000)(query)),
  })
  const now = live.data?.shop ?? shop
  const forbidden = useAllowed()('shops.write')
  const keysFirst = forbidden ?? (now.hasCredentials ? undefined : say(['先填密钥', 'Enter the keys first']))
  const oauth = connectors.data?.rows.find((each) => each.id === shop.platform)?.oauth ?? true
  const agreedFirst = forbidden ?? (now.authState === 'live' ? undefined : say(['先授权', 'Authorise first']))
  const authorise = useMutation({
    mutationFn: () => post('/shops/:id/authorize', {}, { id: shop.id }),
    onSuccess: ({ url }) => void window.open(url, '_blank', 'noopener'),
  })
  const verify = useMutation({
    mutationFn: () => post('/shops/:id/verify', {}, { id: shop.id }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['/shops'] }),
  })
  const { tone, text } = authText(now, say)
  return (
    <div className="stack" style={{ gap: 10 }}>
      <div className="row wrap">
        <Status tone={tone}>{text}</Status>
        {now.authError && <span className="t2 small">{troubleText(now.authError, say)}</span>}
      </div>
      <div className="row">
        {oauth && (
          <Button
            kind={now.authState === 'live' ? 'plain' : 'primary'}
            busy={authorise.isPending}
            why={keysFirst}
            onClick={() => authorise.mutate()}
          >
            {say(
              now.authState === 'none'
                ? ['去平台授权', 'Authorise on the platform']
                : ['重新授权', 'Authorise again'],
            )}
          </Button>
        )}
        {oauth && (
          <Button why={keysFirst} onClick={() => setPasting(true)}>
            {say(['粘贴 SessionKey…', 'Paste a session key…'])}
          </Button>
        )}
        <Button
          kind={oauth || now.authState === 'live' ? 'plain' : 'primary'}
          busy={verify.isPending}
          why={oauth ? agreedFirst : keysFirst}
          onClick={() => verify.mutate()}
        >
          {say(['验证', 'Verify'])}
        </Button>
        {verify.data && (
          <Status tone="ok">
            {say(['验证通过：{name}', 'Verified: {name}'], {
              name: [...new Set([verify.data.name, verify.data.nick])].join(' · '),
            })}
          </Status>
        )}
      </div>
      {pasting && <SessionKeyDialog shop={now} onClose={() => setPasting(false)} />}
      {authorise.data && now.authState !== 'live' && (
        <p className="t2 small">
          {say([
            '已在新窗口打开平台的授权页；店主同意后这里会自己变绿。链接 30 分钟内有效，可发给店主：',
            "The platform's page opened in a new window; this turns green once the owner agreed. The link is good for 30 minutes: ",
          ])}
          <a href={authorise.data.url} target="_blank" rel="noreferrer">
            {say(['授权链接', 'link'])}
          </a>
        </p>
      )}
      {(authorise.error ?? verify.error) && (
        <Note tone="bad">{errorText(authorise.error ?? verify.error)}</Note>
      )}
    </div>
  )
}

/** Stores an existing access token after verifying it. The platform's page is not needed. */
function SessionKeyDialog({ shop, onClose }: { shop: ShopOut; onClose: () => void }) {
  const say = useSay()
  const queries = useQueryClient()
  const [key, setKey] = useState('')
  const [ends, setEnds] = useState('')
  const expiresAt = ends.trim() === '' ? undefined : readBeijing(`${ends.trim()} 23:59`)
  const wrongDate = ends.trim() !== '' && expiresAt === undefined
  const take = useMutation({
    mutationFn: () => post('/shops/:id/session-key', { sessionKey: key.trim(), expiresAt }, { id: shop.id }),
    onSuccess: ({ name, nick }) => {
      const who = [...new Set([name, nick])].join(' · ')
      toast('ok', say(['验证通过：{name}', 'Verified: {name}'], { name: who }))
      onClose()
      return queries.invalidateQueries({ queryKey: ['/shops'] })
    },
  })
  return (
    <FormDialog
      title={say(['用 SessionKey 接入', 'Connect with a session key'])}
      act={say(['验证并接入', 'Verify and connect'])}
      busy={take.isPending}
      why={
        key.trim().length < 8
          ? say(['先粘贴 SessionKey', 'Paste the session key first'])
          : wrongDate
            ? say(['日期写成 2026-12-27', 'Write the date as 2026-12-27'])
            : undefined
      }
      onSubmit={() => take.mutate()}
      onClose={onClose}
    >
      <p className="t2">
        {say([
          '已经有 SessionKey（access token）时用它，不用打开授权页。马上向平台验证是不是这家店；加密保存，不会自动续期，到期前在这里换新的。',
          'For whoever has one already; no page of the platform is opened. It is verified at once and kept sealed. Nothing renews it: paste the next one here before it ends.',
        ])}
      </p>
      <TextField
        label="SessionKey"
        type="password"
        autoComplete="off"
        value={key}
        maxLength={500}
        onChange={setKey}
        autoFocus
      />
      <TextField
        label={say(['到期日，可不填', 'End date (optional)'])}
        value={ends}
        onChange={setEnds}
        placeholder="2026-12-27"
        wrong={wrongDate ? say(['写成 2026-12-27', 'Write it as 2026-12-27']) : undefined}
      />
      {take.error && <Note tone="bad">{errorText(take.error)}</Note>}
    </FormDialog>
  )
}
