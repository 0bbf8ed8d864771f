import { useState } from "react";

import { checkDisplayName, checkUsername } from "@/hooks/rules.ts";
import { useSubmit } from "@/hooks/submit.ts";
import { useUsername } from "@/hooks/username.ts";
import { useT } from "@/i18n/index.ts";
import { Form } from "@/ui/form.tsx";
import { Spinner } from "@/ui/spinner.tsx";
import { TextField } from "@/ui/text-field.tsx";

import type { Draft } from "./sign-up-draft.ts";

/** Refusals that are about a field. */
const OWNERS = { username_taken: "username" };

export interface NameStepProps {
  draft: Pick<Draft, "username" | "displayName" | "refused">;
  /** On the button. */
  label: string;
  /** Rejects with what is wrong with one of them. */
  onName: (username: string, displayName: string) => Promise<void>;
}

/** What others call this person: what is shown beside messages, and the name to be found by. */
export function NameStep({ draft, label, onName }: NameStepProps) {
  const t = useT();
  const [username, setUsername] = useState(draft.username);
  const [displayName, setDisplayName] = useState(draft.displayName);
  const [judged, setJudged] = useState({ username: false, displayName: false });
  const availability = useUsername(username);
  const submit = useSubmit(() => onName(username.trim(), displayName.trim()), OWNERS);
  const refused = (field: "username" | "displayName", value: string): string | null =>
    draft.refused?.field === field && value.trim() === draft[field] ? draft.refused.text : null;

  const usernameProblem = judged.username ? checkUsername(username) : null;
  const displayNameProblem = judged.displayName ? checkDisplayName(displayName) : null;
  const taken = availability.state === "taken" ? t("forms.usernameTaken", { ...availability }) : null;
  const free = availability.state === "free" ? t("forms.usernameFree", { ...availability }) : null;

  return (
    <Form
      submit={submit}
      label={label}
      check={() => {
        setJudged({ username: true, displayName: true });
        const sound = checkUsername(username) === null && checkDisplayName(displayName) === null;
        return sound && availability.state !== "taken";
      }}
    >
      <TextField
        label={t("forms.displayName")}
        hint={t("forms.displayNameHint")}
        name="name"
        autoComplete="name"
        enterKeyHint="next"
        value={displayName}
        error={(displayNameProblem && t(displayNameProblem.key)) ?? submit.fields["displayName"] ?? refused("displayName", displayName)}
        onChange={(event) => {
          setDisplayName(event.target.value);
          submit.changed("displayName");
        }}
        onBlur={() => displayName && setJudged((now) => ({ ...now, displayName: true }))}
      />
      <TextField
        label={t("forms.username")}
        hint={t("forms.usernameHint")}
        success={free}
        end={availability.state === "checking" ? <Spinner size="sm" /> : undefined}
        prefix="@"
        name="username"
        autoComplete="username"
        autoCapitalize="off"
        autoCorrect="off"
        spellCheck={false}
        enterKeyHint="next"
        value={username}
        error={(usernameProblem && t(usernameProblem.key)) ?? taken ?? submit.fields["username"] ?? refused("username", username)}
        onChange={(event) => {
          setUsername(event.target.value);
          submit.changed("username");
        }}
        onBlur={() => username && setJudged((now) => ({ ...now, username: true }))}
      />
    </Form>
  );
}
