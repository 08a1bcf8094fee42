import { useEffect } from 'react'

/** True if this page can be opened offline: browsers keep pages only over https and from localhost. */
export const opensOffline = () => 'serviceWorker' in navigator

/**
 * Installs the worker that keeps the pages of the phone on it, or looks for a newer one. `isIdle`: the page has nothing half done, so it
 * reloads itself once a newer version has taken over.
 */
export function useInstalled(isIdle: boolean): void {
  useEffect(() => {
    if (!opensOffline()) return undefined
    const workers = navigator.serviceWorker
    workers.register('/phone-worker.js', { scope: '/phone' }).then(
      (registration) => registration.update().catch(() => undefined),
      () => undefined,
    )
    const wasThere = workers.controller !== null
    const reload = () => {
      if (isIdle && wasThere) location.reload()
    }
    workers.addEventListener('controllerchange', reload)
    return () => workers.removeEventListener('controllerchange', reload)
  }, [isIdle])
}
