import { Activity, type ActivityEvent } from "@/core/identity/activity.ts";
import { useAction } from "@/hooks/action.ts";
import { useIdentity } from "@/hooks/identity.ts";
import { useResource } from "@/hooks/resource.ts";
import { useFormat } from "@/i18n/format.ts";
import { useT } from "@/i18n/index.ts";
import { Button } from "@/ui/button.tsx";
import { cx } from "@/ui/cx.ts";
import { Trouble } from "@/ui/trouble.tsx";

import { deviceName } from "../shared/device.ts";
import { Loaded } from "../shared/loaded.tsx";
import { Page, type PageProps } from "../shared/page.tsx";
import { EVENTS, OTHER } from "./activity-words.ts";

/** What happened to the account, the newest first. */
export function ActivityPage({ onBack }: PageProps) {
  const t = useT();
  const activity = useIdentity(Activity);
  const resource = useResource(() => activity.page());
  const more = useAction();

  const older = async (): Promise<void> => {
    const last = resource.value?.events.at(-1);
    await more.run(async () => {
      const page = await activity.page(last?.id);
      resource.set((now) => ({ hasMore: page.hasMore, events: [...now.events, ...page.events] }));
    });
  };

  return (
    <Page title={t("devices.activity")} text={t("devices.activityText")} onBack={onBack}>
      <Loaded resource={resource} label={t("devices.loading")} rows={4}>
        {({ events, hasMore }) => (
          <>
            <ol aria-label={t("devices.activity")} className="flex flex-col divide-y divide-line">
              {events.map((event) => (
                <EventRow key={event.id} event={event} />
              ))}
            </ol>
            {more.problem && <Trouble>{more.problem}</Trouble>}
            {hasMore && (
              <div>
                <Button look="soft" busy={more.busy} onClick={() => void older()}>
                  {t("devices.older")}
                </Button>
              </div>
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function EventRow({ event }: { event: ActivityEvent }) {
  const t = useT();
  const format = useFormat();
  const { icon: Icon, words, grave = false } = EVENTS[event.kind] ?? OTHER;
  return (
    <li className="flex items-start gap-3.5 py-3 first:pt-0">
      <Icon aria-hidden="true" className={cx("mt-0.5 size-5 shrink-0", grave ? "text-danger" : "text-ink-soft")} strokeWidth={1.75} />
      <div className="min-w-0 flex-1">
        <p className="font-medium text-ink">{t(words)}</p>
        <p className="text-sm text-ink-soft">
          <time dateTime={new Date(event.at).toISOString()}>
            {format.day(event.at)}, {format.time(event.at)}
          </time>
          {" · "}
          {deviceName(event.device, t)}
        </p>
      </div>
    </li>
  );
}
