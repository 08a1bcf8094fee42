import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { fingerprint } from './certificates.ts'

const style = `
body{font:15px/24px system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;color:#1b1c1e;background:#f3f3f1;margin:0}
main{max-width:680px;margin:0 auto;padding:32px 20px 64px}
h1{font-size:22px;line-height:32px;margin:0 0 4px}
h2{font-size:15px;margin:0 0 6px}
p{margin:0 0 12px}
.en{color:#6b6e75}
section{background:#fff;border:1px solid #e4e4e1;border-radius:8px;padding:16px 20px;margin:12px 0}
ol{margin:0;padding-left:20px}
a.button{display:inline-block;background:#3450c4;color:#fff;padding:10px 20px;border-radius:6px;text-decoration:none;margin:8px 0}
code{font:13px/20px ui-monospace,Consolas,monospace;overflow-wrap:anywhere}
@media(prefers-color-scheme:dark){body{color:#e8e8e6;background:#17181a}section{background:#1f2023;border-color:#34363a}.en{color:#9a9da4}}
`

const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; frame-ancestors 'none'`

const devices = [
  {
    name: 'Windows',
    zh: [
      '双击下载的文件，点「安装证书」',
      '选「本地计算机」，再选「将所有的证书都放入下列存储」',
      '浏览，选「受信任的根证书颁发机构」，完成',
      '重开浏览器',
    ],
    en: 'Open the file → Install Certificate → Local Machine → Trusted Root Certification Authorities. Restart the browser.',
  },
  {
    name: 'Android',
    zh: [
      '下载后打开「设置 → 安全 → 更多安全设置 → 加密与凭据」（各品牌名称略有不同，可在设置里搜「证书」）',
      '「安装证书 → CA 证书 → 仍然安装」，选下载的文件',
    ],
    en: 'Settings → Security → Encryption & credentials → Install a certificate → CA certificate → Install anyway.',
  },
  {
    name: 'iPhone / iPad',
    zh: [
      '用 Safari 打开本页并下载，点「允许」',
      '「设置 → 已下载描述文件 → 安装」',
      '「设置 → 通用 → 关于本机 → 证书信任设置」，打开 Sanyi 的开关',
    ],
    en: 'In Safari: download and allow. Settings → Profile Downloaded → Install. Then General → About → Certificate Trust Settings: switch it on.',
  },
  {
    name: 'macOS',
    zh: ['双击下载的文件，加入「系统」钥匙串', '在钥匙串访问里打开它，「信任 → 始终信任」'],
    en: 'Open the file, add it to the System keychain, then set Trust to Always Trust.',
  },
]

/**
 * Adds the page that explains how a device trusts the local authority, and the file with its certificate. Both are public and are answered
 * without encryption too, because a device reads them before it trusts us.
 */
export function addTrustPage(app: FastifyInstance, authority: string): void {
  const page = pageOf(authority)
  app.get('/trust', { config: { permission: 'public' }, schema: { hide: true } }, (_request, reply) =>
    reply
      .headers({ 'content-security-policy': policy, 'cache-control': 'no-store' })
      .type('text/html; charset=utf-8')
      .send(page),
  )
  app.get(
    '/trust/sanyi.crt',
    { config: { permission: 'public' }, schema: { hide: true } },
    (_request, reply) =>
      reply
        .header('content-disposition', 'attachment; filename="sanyi.crt"')
        .type('application/x-x509-ca-cert')
        .send(authority),
  )
}

function pageOf(authority: string): string {
  const steps = devices.map(
    ({ name, zh, en }) =>
      `<section><h2>${name}</h2><ol>${zh.map((step) => `<li>${step}`).join('')}</ol><p class="en">${en}</p></section>`,
  )
  return `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>信任三易的证书</title><style>${style}</style>
<main><h1>让这台设备信任三易</h1>
<p>每台设备做一次。之后打单、电子秤和手机扫码都能用，浏览器不再警告。<br><span class="en">Once for each device. Printing, scales and phones then work, and the browser no longer warns.</span></p>
<p><a class="button" href="/trust/sanyi.crt">下载证书 · Download the certificate</a></p>
<section><h2>先核对指纹 · Compare first</h2><p>与服务器启动时显示的一致才安装。<span class="en">Install it only if the server showed the same when it started.</span></p><code>${fingerprint(authority)}</code></section>
${steps.join('\n')}
<p class="en">这张证书只对内网地址和本系统的地址有效。It is valid only for addresses inside a network and for this system.</p></main>`
}
