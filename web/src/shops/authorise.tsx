import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { errorText, get, post } from '../api.ts'
import { Button } from '../ui/button.tsx'
import { Note } from '../ui/empty.tsx'
import { connectorsQuery } from '../ui/session.ts'
import { Status } from '../ui/status.tsx'
import { dateOf } from '../ui/time.ts'
import { type Say, useSay } from '../words.ts'
import type { ShopOut } from './types.ts'

export function authText(shop: ShopOut, say: Say): { tone: 'ok' | 'bad' | 'ring' | 'warn'; text: string } {
  if (!shop.enabled) return { tone: 'ring', text: say(['已停用', 'Switched off']) }
  if (shop.authState === 'none') return { tone: 'ring', text: say(['还没授权', 'Not authorised']) }
  if (shop.authState === 'expired') return { tone: 'bad', text: say(['授权失效', 'Authorisation ended']) }
  const until = shop.refreshExpiresAt ?? shop.tokenExpiresAt
  return {
    tone: shop.authError ? 'warn' : 'ok',
    text: until ? say(['到 {at}', 'until {at}'], { at: dateOf(until) }) : say(['已授权', 'Authorised']),
  }
}

/** The seller agrees on the platform's own page; then we ask the platform whose keys these are. */
export function Authorise({ shop }: { shop: ShopOut }) {
  const say = useSay()
  const queries = useQueryClient()
  const connectors = useQuery(connectorsQuery)
  const live = useQuery({
    queryKey: ['/shops', shop.id],
    queryFn: () => get('/shops/:id', { id: shop.id }),
    // The seller is on another page meanwhile: look whether it has come.
    refetchInterval: (query) => (query.state.data?.shop.authState === 'live' ? false : 3000),
  })
  const now = live.data?.shop ?? shop
  const oauth = connectors.data?.rows.find((each) => each.id === shop.platform)?.oauth ?? true
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
        {now.authError && <span className="t2 small">{now.authError}</span>}
      </div>
      <div className="row">
        {oauth && (
          <Button
            kind={now.authState === 'live' ? 'plain' : 'primary'}
            busy={authorise.isPending}
            why={now.hasCredentials ? undefined : say(['先填密钥', 'Enter the keys first'])}
            onClick={() => authorise.mutate()}
          >
            {say(
              now.authState === 'none'
                ? ['去平台授权', 'Authorise on the platform']
                : ['重新授权', 'Authorise again'],
            )}
          </Button>
        )}
        <Button
          busy={verify.isPending}
          why={now.authState === 'live' ? undefined : say(['先授权', 'Authorise first'])}
          onClick={() => verify.mutate()}
        >
          {say(['验证', 'Verify'])}
        </Button>
        {verify.data && (
          <Status tone="ok">
            {say(['平台说是 {name}', 'The platform says {name}'], {
              name: [...new Set([verify.data.name, verify.data.nick])].join(' · '),
            })}
          </Status>
        )}
      </div>
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
