// Keeps the pages of the phone on it, so that they open offline. The build writes the list of files and the version. It answers only requests
// of pages under /phone, and none to /api: what is asked or written there goes to the server. A browser asks it for /phones as well, since
// its address begins like theirs; that page comes from the server.

const files = ['/* files */']
const version = '/* version */'
const own = `phone-${version}`

self.addEventListener('install', (event) => event.waitUntil(install()))
self.addEventListener('activate', (event) => event.waitUntil(activate()))
self.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== location.origin) return
  const isOfPhone = pathname === '/phone' || pathname.startsWith('/phone/')
  if (request.mode === 'navigate' && isOfPhone) event.respondWith(page(request))
  else if (request.mode !== 'navigate' && pathname.startsWith('/assets/')) event.respondWith(file(request))
})

async function install() {
  const cache = await caches.open(own)
  await cache.addAll(files.map((each) => new Request(each, { cache: 'reload' })))
  await self.skipWaiting()
}

/** The version before stays as well, because a page that is open now may still load parts of it. */
async function activate() {
  const names = (await caches.keys()).filter((name) => name.startsWith('phone-') && name !== own)
  for (const name of names.slice(0, -1)) await caches.delete(name)
  await self.clients.claim()
}

/** Every address under /phone is the same page; its parts belong to the same version. */
async function page(request) {
  const cache = await caches.open(own)
  return (await cache.match('/phone')) ?? fetch(request)
}

async function file(request) {
  return (await caches.match(request)) ?? fetch(request)
}
