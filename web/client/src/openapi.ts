// Made by "npm run types": do not edit.

export interface paths {
    "/data/efficient/activity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened to all files, newest first */
        get: operations["activity"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/adopt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take objects that lie in the store into the catalog
         * @description Each is read once, hashed and checked like an upload, then moved into staging. One line for each as it is done.
         */
        post: operations["adopt"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/apply-retention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Delete what the project's rules do not keep any longer
         * @description The server does so by itself, once an hour; with dry_run it only says what would go, and takes other rules than the project's to try.
         */
        post: operations["apply-retention"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/archive-file/{file_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Move a file out of fresh, to keep */
        post: operations["archive-file"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/audit-log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who did what, when, from where, and what came of it
         * @description The newest first, a page at a time; format=ndjson gives all, the oldest first. For administrators: of the server all rows, or with project= those of one; of a project its own.
         */
        get: operations["audit-log"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/clean-records/{file_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All of a file but its bad records
         * @description A record is bad if it has an error. Bytes and order are the file's; both sides of CSV begin with its header, a byte order mark stays with the clean one. The file is read through first, then streamed; X-Record-Count tells how many records follow. HEAD works.
         */
        get: operations["clean-records"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/cleanup-failed-uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Delete old failed files and abandoned uploads */
        delete: operations["cleanup-failed-uploads"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/deletion-certificate/{file_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What was deleted, when, by whom and why, signed
         * @description Of a file that is deleted and whose bytes are gone. The certificate is a signed note: the public key that GET audit-log shows opens it, and the row of the audit log that it names is covered by the log's heads.
         */
        get: operations["deletion-certificate"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/deprecate-file/{file_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Mark a file as not to be used */
        post: operations["deprecate-file"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/download-file/{file_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A file's bytes
         * @description Range, If-Range, If-None-Match and HEAD work.
         */
        get: operations["download-file"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Server-sent events of all files
         * @description First a snapshot {files, by_status}, then file {event, file} for each step, and progress for uploads and checks under way. Steps have ids: Last-Event-ID resumes.
         */
        get: operations["events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/file-info/{file_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is known of a file */
        get: operations["file-info"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/file/{file_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Delete a file; its history stays */
        delete: operations["delete-file"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/findings-map/{file_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where in a file its findings lie
         * @description Counts all findings that are kept, not only those that the report lists.
         */
        get: operations["findings-map"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** State of the server and of what it depends on */
        get: operations["health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/history/{file_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who did what to a file, when */
        get: operations["history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/hold-file/{file_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keep a file from being deleted, by whomever or whatever */
        post: operations["hold-file"];
        /** End a hold */
        delete: operations["release-file"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List keys
         * @description Those that the caller administers: all of their projects are its own.
         */
        get: operations["keys"];
        put?: never;
        /**
         * Make a key
         * @description It may what its role allows in its projects, as far as its scopes go; what is left out is as the caller has it, and no key may more than who makes it. From the first key on every request needs one. Whoever made that one had none, so its answer begins a session, too: the page that asked goes on.
         */
        post: operations["create-key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End a key for good
         * @description At once, on all nodes, with the sessions that were begun by it, be it the one that asks. Revoking the last key does not open the server again.
         */
        delete: operations["revoke-key"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The limits in force */
        get: operations["limits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/mark-used/{file_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Note that a training job read a file */
        post: operations["mark-used"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Figures as the guide's clients read them */
        get: operations["metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/named-files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Which of many names are taken
         * @description Of each the newest file whose bytes are here. A name is no key: files of the same name are kept side by side.
         */
        post: operations["named-files"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/process-file/{file_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Check a file, with other rules or those of before */
        post: operations["process-file"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/projects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the projects that the caller has a role in */
        get: operations["projects"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/projects/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A project: its limits, and what of them is used */
        get: operations["project"];
        /**
         * Make a project, or give one other settings
         * @description What is left out is as by default: no limit. Files that are there already stay, whatever the limits.
         */
        put: operations["put-project"];
        post?: never;
        /** End a project that owns nothing */
        delete: operations["delete-project"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/promote-file/{file_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Make a file fresh that passed */
        post: operations["promote-file"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/record-overlap/{file_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which of a file's records other fresh files hold already
         * @description Compares samples of records that checks keep: exact for files of up to 1,024 different records, else an estimate with its margin.
         */
        get: operations["record-overlap"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/records/{file_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Records from a line on, for a preview
         * @description A compressed file is read from its front, up to 256 MiB of what it unpacks to.
         */
        get: operations["records"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/rejected-records/{file_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The bad records of a file, as they are
         * @description A record is bad if it has an error. Bytes and order are the file's; both sides of CSV begin with its header, a byte order mark stays with the clean one. The file is read through first, then streamed; X-Record-Count tells how many records follow. HEAD works.
         */
        get: operations["rejected-records"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/retry-failed-file/{file_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Check a failed file again, with its last rules */
        post: operations["retry-failed-file"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/rule-preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try rules at a part of a stored file
         * @description The file stays as it is: no check is noted, no status changes.
         */
        post: operations["rule-preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/rule-sets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List rule sets */
        get: operations["rule-sets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/rule-sets/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A rule set */
        get: operations["rule-set"];
        /**
         * Make a new version of a rule set
         * @description 201 tells of a new version; the same rules as the latest make none and answer 200.
         */
        put: operations["put-rule-set"];
        post?: never;
        /**
         * Take a rule set out of force
         * @description Files keep the rules that they were checked by, and its versions can be read.
         */
        delete: operations["delete-rule-set"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every rule there is */
        get: operations["rules"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the page that asks is signed in */
        get: operations["session"];
        put?: never;
        /**
         * Begin a session by a key
         * @description From a page of this server only. The session is in a cookie, ends after 24 hours without a request and 7 days at most, and with its key.
         */
        post: operations["sign-in"];
        /** End the session */
        delete: operations["sign-out"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/staged-files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List files, a page at a time */
        get: operations["staged-files"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/tus/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin an upload whose bytes come in order
         * @description Speaks tus 1.0.0, and the IETF's draft of resumable uploads where the request has Upload-Draft-Interop-Version 6 or 8 (or Upload-Complete). Upload-Metadata maps filename, data_type, description, validation_rules, rule_set, sha256 and file_id to the file; other keys become its metadata. Extensions: creation,creation-with-upload,creation-defer-length,expiration,checksum,checksum-trailer,termination,concatenation.
         */
        post: operations["resumable-create"];
        delete?: never;
        /** What the server can do */
        options: operations["resumable-options"];
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/tus/{upload_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The bytes of an upload that is complete */
        get: operations["resumable-bytes"];
        put?: never;
        post?: never;
        /**
         * Take an upload back
         * @description Of one that is complete the file stays.
         */
        delete: operations["resumable-delete"];
        options?: never;
        /**
         * Where an upload stands
         * @description Speaks tus 1.0.0, and the IETF's draft of resumable uploads where the request has Upload-Draft-Interop-Version 6 or 8 (or Upload-Complete).
         */
        head: operations["resumable-status"];
        /**
         * Add bytes
         * @description Speaks tus 1.0.0, and the IETF's draft of resumable uploads where the request has Upload-Draft-Interop-Version 6 or 8 (or Upload-Complete). What came before a cut is kept, at least every 16 MiB or 2 s. A newer request on an upload ends the older.
         */
        patch: operations["resumable-append"];
        trace?: never;
    };
    "/data/efficient/upload-large-file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a file as a form
         * @description Any size; the file is checked while it arrives. Fields may come before or after the file.
         */
        post: operations["upload-large-file"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/upload-progress/{file_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far a file is */
        get: operations["upload-progress"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin an upload that is sent in parts
         * @description Then PUT its parts, in any order and side by side, and complete it. Send part 1 first, or with the others: it tells how the file is read, so that all parts are checked while they arrive.
         */
        post: operations["create-upload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/uploads/{upload_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Where an upload stands
         * @description Of any protocol. What it lists is safe: it survives whatever comes.
         */
        get: operations["upload-status"];
        put?: never;
        post?: never;
        /** Take an open upload back */
        delete: operations["delete-upload"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/uploads/{upload_id}/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a file of an upload whose parts are all here
         * @description The answer is that of a form. Called again it is the same.
         */
        post: operations["complete-upload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/uploads/{upload_id}/parts/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Send one part
         * @description Once it is answered the part is safe. The same part again is compared: 200 if its bytes are the same, 409 if not. Of a part whose checksum does not match nothing is kept.
         */
        put: operations["put-part"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/validation-findings/{file_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every finding, streamed */
        get: operations["validation-findings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/data/efficient/validation-report/{file_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The report on a file's records
         * @description Also while the file is still arriving: the verdict is in_progress then.
         */
        get: operations["validation-report"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/livez": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process lives */
        get: operations["livez"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Metrics for Prometheus */
        get: operations["prometheus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The server takes work */
        get: operations["readyz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Activity: {
            events: components["schemas"]["ActivityEvent"][] | null;
            /**
             * Format: int64
             * @description before of the next page; null on the last
             */
            next_before: number | null;
        };
        ActivityEvent: {
            action: string;
            actor: string;
            /** Format: date-time */
            at: string;
            detail: string;
            file_id: string;
            from_status: string;
            /** Format: int64 */
            id: number;
            /** @description null: the file is deleted */
            original_name: string | null;
            /** @description Address that it came from; empty for what the server did by itself */
            source: string;
            /** @description Empty once the file is deleted */
            to_status: string;
        };
        Adopt: {
            data_type?: string;
            /** @example training-data/old/ */
            prefix: string;
            /** @description NAME or NAME@VERSION; validation_rules override its keys */
            rule_set?: string;
            validation_rules?: unknown;
        };
        Adopted: {
            /** @description Why the object could not be taken; it stays where it is */
            error?: string;
            /** Format: int64 */
            errors_found: number;
            file_id?: string;
            file_status?: string;
            is_duplicate: boolean;
            key: string;
            verdict?: string;
        };
        AuditHead: {
            /** Format: date-time */
            at: string;
            /** @description As it was signed; freshet audit verify --checkpoint takes it as a file */
            note: string;
            /**
             * Format: int64
             * @description Rows that it covers
             */
            size: number;
        };
        AuditLog: {
            /** @description The last that was signed; null before the first */
            head: components["schemas"]["AuditHead"];
            next_cursor: string | null;
            rows: components["schemas"]["AuditRow"][] | null;
            /** @description Public key that heads are checked with, as freshet audit verify --key takes it */
            verifier: string;
        };
        AuditRow: {
            action: string;
            /** @description key:ID, oidc:SUBJECT, command:USER, local, anonymous, system */
            actor: string;
            /** Format: date-time */
            at: string;
            detail: string;
            /** @description SHA-256, in hexadecimal, of the hash of the row before and of all of this one */
            hash: string;
            /**
             * Format: int64
             * @description From 1, without gaps, in the order in which things took effect
             */
            number: number;
            /** @description What it was done to: an id, a name, a route */
            object: string;
            /** @description *: several, or the server itself */
            project: string;
            /** @description As X-Request-Id of the answer */
            request_id: string;
            /** @description ok, or the code of the refusal */
            result: string;
            /** @description Address that it came from; empty for what the server did by itself */
            source: string;
        };
        Bucket: {
            /** Format: int64 */
            count: number;
            /** Format: int64 */
            from: number;
            /** Format: int64 */
            to: number;
        };
        CleanedUp: {
            /** Format: int64 */
            bytes_freed: number;
            /** Format: int64 */
            cleaned_count: number;
            message: string;
            /** @enum {string} */
            status: "success";
        };
        Component: {
            /** @description What is wrong, and what still works */
            detail: string;
            /** @enum {string} */
            status: "up" | "down";
        };
        Deleted: {
            file_id: string;
            message: string;
            /** @enum {string} */
            status: "success";
        };
        DeletionCertificate: {
            audit_row: components["schemas"]["AuditRow"];
            /** @description All this as a signed note */
            certificate: string;
            /** @description Size and hash of what it was; empty if it was never whole */
            content: string;
            deleted_by: string;
            /** Format: date-time */
            deleted_time: string;
            /** @description What was removed */
            erased: string;
            /**
             * Format: date-time
             * @description When its bytes were gone
             */
            erased_time: string;
            file_id: string;
            project: string;
            reason: string;
            /** @description Address that it was asked from */
            source: string;
            /** @description The public key that opens it */
            verifier: string;
        };
        Event: {
            action: string;
            actor: string;
            /** Format: date-time */
            at: string;
            detail: string;
            file_id: string;
            from_status: string;
            /** Format: int64 */
            id: number;
            /** @description Address that it came from; empty for what the server did by itself */
            source: string;
            /** @description Empty once the file is deleted */
            to_status: string;
        };
        Expression: {
            /**
             * @description CEL over record and bytes, true of records that are fine
             * @example size(record.text) < 8000
             */
            expr: string;
            /** @description What the finding says */
            message?: string;
            name: string;
            /**
             * @default error
             * @enum {string}
             */
            severity: "error" | "warning";
        };
        Field: {
            /**
             * Format: int64
             * @description Exact up to 1,000 values of at most 256 bytes, then an estimate
             */
            distinct: number;
            /**
             * Format: int64
             * @description Empty strings, lists and objects
             */
            empty: number;
            /** @description Bytes of strings, elements of lists */
            length: components["schemas"]["Length"];
            /** Format: double */
            max: number | null;
            /** Format: double */
            mean: number | null;
            /**
             * Format: double
             * @description Of the numbers
             */
            min: number | null;
            /** Format: int64 */
            null: number;
            /** @description messages[].role: [] stands for every element */
            path: string;
            /** Format: int64 */
            present: number;
            /** @description Most frequent values; null where there are too many */
            top: components["schemas"]["TopValue"][] | null;
            types: {
                [key: string]: number;
            };
        };
        File: {
            /** Format: int64 */
            chunk_count: number;
            created_by: string;
            data_type: string;
            /** @description Set when the id asked for is an alias: the file's own id */
            duplicate_of?: string;
            /** Format: int64 */
            errors_found: number;
            /**
             * @description Whose fault a failure is
             * @enum {string}
             */
            failure_kind: "" | "upload" | "data" | "system";
            /** @example blake3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262 */
            file_hash: string;
            /** @example file_0193a1b2c3d47e5f8a9b0c1d2e3f4a5b */
            file_id: string;
            /** Format: int64 */
            file_size: number;
            format: string;
            /** @description Why it must not be deleted; null: it may */
            hold: string | null;
            /** Format: date-time */
            last_used: string | null;
            /** @description An object; the description is in it */
            metadata: unknown;
            /** @description The same as object_key, for older clients */
            minio_path: string;
            /** @description Where its bytes lie in the store */
            object_key: string;
            /** @description As the client gave it */
            original_name: string;
            processing_error: string;
            /**
             * Format: double
             * @description 0 to 100; 100 only when fresh
             */
            processing_progress: number;
            /** @description That owns it */
            project: string;
            /** @description A fresh or used file is being checked again */
            rechecking: boolean;
            /** Format: int64 */
            record_count: number;
            /** @description null on a disk */
            s3_url: string | null;
            /** @description null unless it was computed */
            sha256: string | null;
            /** @enum {string} */
            status: "uploading" | "uploaded" | "processing" | "fresh" | "failed" | "used" | "archived" | "deprecated" | "quarantined";
            training_jobs: string[] | null;
            /** Format: date-time */
            updated_time: string;
            /** Format: date-time */
            upload_time: string;
            /** Format: int64 */
            used_count: number;
            /** @enum {string} */
            verdict: "none" | "in_progress" | "passed" | "failed";
            /** Format: int64 */
            warnings_found: number;
        };
        FileList: {
            /** @description Under the other filters, whatever the status asked for */
            by_status: {
                [key: string]: number;
            };
            files: components["schemas"]["File"][] | null;
            /** @description null on the last page */
            next_cursor: string | null;
            /**
             * Format: int64
             * @description Of all pages
             */
            total_count: number;
        };
        FileNames: {
            /** @description Original names, exactly */
            names: string[];
        };
        Finding: {
            /**
             * Format: int64
             * @description Place of the fault in the file, of a compressed one in what it unpacks to, from 0
             */
            byte_offset: number;
            /**
             * Format: int64
             * @description Byte at fault in the line, from 1; in CSV and in elements of a JSON array, in the record
             */
            column: number;
            /** @description Text around the fault; control characters are escaped */
            excerpt: string;
            hint: string;
            /**
             * Format: int64
             * @description Physical line on which the record starts, from 1; 0 in a report on a file that still arrives, while bytes before it are missing
             */
            line: number;
            /** @description Where in the excerpt the fault is, from and to, in UTF-16 code units; the same twice where something is missing there; null where there is no place */
            mark: number[] | null;
            message: string;
            /** @description JSON pointer, or the CSV column's name */
            path: string;
            /**
             * Format: int64
             * @description From 1; 0 when the finding is about the file, or its line is 0
             */
            record: number;
            rule: string;
            /** @enum {string} */
            severity: "error" | "warning";
        };
        FindingsMap: {
            /**
             * Format: int64
             * @description Findings in all buckets
             */
            counted: number;
            /** @description In each bucket */
            errors: number[] | null;
            file_id: string;
            /** @description There are more, or the file still arrives */
            partial: boolean;
            /**
             * Format: int64
             * @description Lines of the file, or its bytes
             */
            total: number;
            /**
             * @description byte while the file arrives or is checked: of its expected size
             * @enum {string}
             */
            unit: "line" | "byte";
            warnings: number[] | null;
        };
        Health: {
            /** Format: int64 */
            active_uploads: number;
            /** Format: int64 */
            chunk_size: number;
            components: {
                [key: string]: components["schemas"]["Component"];
            };
            /** Format: int64 */
            failed_uploads: number;
            /** Format: int64 */
            fresh_files: number;
            /** Format: int64 */
            max_workers: number;
            /** @enum {string} */
            status: "healthy" | "degraded";
            /** Format: int64 */
            total_files: number;
            version: string;
        };
        History: {
            events: components["schemas"]["Event"][] | null;
            file_id: string;
        };
        Hold: {
            reason: string;
        };
        Key: {
            /** @description Empty: by a command on the server */
            created_by: string;
            /** Format: date-time */
            created_time: string;
            /** @description This request was made by it */
            current: boolean;
            /**
             * Format: date-time
             * @description null: never
             */
            expires_time: string | null;
            id: string;
            /**
             * Format: date-time
             * @description To the minute
             */
            last_used: string | null;
            name: string;
            /**
             * Format: date-time
             * @description null: it works
             */
            revoked_time: string | null;
            /** @description In each project; * is every project and the server itself */
            roles: {
                [key: string]: string;
            };
            /** @description What of its roles it may; empty: all */
            scopes: string[] | null;
        };
        KeyList: {
            keys: components["schemas"]["Key"][] | null;
        };
        KeyMade: {
            id: string;
            /** @description Not stored, and not shown again */
            key: string;
            name: string;
        };
        Length: {
            /** @description By powers of two */
            histogram: components["schemas"]["Bucket"][] | null;
            /** Format: int64 */
            max: number;
            /** Format: double */
            mean: number;
            /** Format: int64 */
            min: number;
            /**
             * Format: int64
             * @description To 1/8 of its size
             */
            p50: number;
            /** Format: int64 */
            p95: number;
        };
        Limits: {
            /**
             * Format: double
             * @description An upload expires so long after its last byte
             */
            abandoned_upload_hours: number;
            /**
             * Format: int64
             * @description Of one key, each way; 0: as they come
             */
            bytes_per_second: number;
            /** @description What is done about what content rules find, by the server's policy and the project's */
            content_policy: {
                [key: string]: string;
            };
            /** @description Common ones; others are allowed */
            data_types: string[] | null;
            /**
             * Format: double
             * @description null: kept
             */
            deprecated_file_hours: number | null;
            /**
             * Format: double
             * @description Failed files are deleted after so long
             */
            failed_file_hours: number;
            formats: string[] | null;
            /**
             * Format: int64
             * @description What may still be stored; null when there is no telling
             */
            free_bytes: number | null;
            /** Format: int64 */
            largest_max_record_bytes: number;
            manual_promotion: boolean;
            /**
             * Format: int64
             * @description Requests that bring bytes at once; more wait before their first byte is read
             */
            max_concurrent_uploads: number;
            /**
             * Format: int64
             * @description Of a form field that is not the file
             */
            max_field_bytes: number;
            /**
             * Format: int64
             * @description null: none
             */
            max_file_size: number | null;
            /**
             * Format: int64
             * @description Kept one by one; counts are exact beyond
             */
            max_findings: number;
            /** Format: int64 */
            max_header_bytes: number;
            /**
             * Format: int64
             * @description Uploads that are begun and not complete; more are refused
             */
            max_open_uploads: number;
            /** Format: int64 */
            max_part_size: number;
            /** Format: int64 */
            max_parts: number;
            /**
             * Format: int64
             * @description Default; a rule may set another up to largest_max_record_bytes
             */
            max_record_bytes: number;
            /** Format: int64 */
            memory_budget: number;
            /**
             * Format: int64
             * @description A slower client is cut off
             */
            min_bytes_per_second: number;
            /**
             * Format: int64
             * @description That an upload in parts may ask for
             */
            min_part_size: number;
            part_sizes: components["schemas"]["PartTop"][] | null;
            /** @description In which the caller asks: its limits, and what of them is used; null where it has no role */
            project: components["schemas"]["Project"];
            /**
             * Format: int64
             * @description Of one key; 0: any number
             */
            requests_per_second: number;
            /** @description Files are scanned for malware before they are fresh */
            scanned: boolean;
            schemas: string[] | null;
            /** @description The server's policy alone: no project is laxer */
            server_content_policy: {
                [key: string]: string;
            };
            /**
             * Format: int64
             * @description Listed in a report
             */
            shown_findings: number;
            /**
             * Format: int64
             * @description So is one that sends nothing for so long
             */
            stall_seconds: number;
            /**
             * Format: int64
             * @description Of all files that are here
             */
            stored_bytes: number;
        };
        LookedAt: {
            /**
             * Format: int64
             * @description Stretches of the file that they lie in
             */
            blocks: number;
            /** Format: int64 */
            bytes: number;
            /** Format: int64 */
            records: number;
            /**
             * Format: double
             * @description Of the file's bytes, 0 to 1
             */
            share: number;
            /** @description The report is that of the whole file */
            whole: boolean;
        };
        Metrics: {
            /** Format: double */
            average_file_size: number;
            by_status: {
                [key: string]: number;
            };
            by_type: {
                [key: string]: number;
            };
            /** Format: int64 */
            failed_uploads: number;
            /** Format: int64 */
            successful_uploads: number;
            /** Format: int64 */
            total_size: number;
            /** Format: int64 */
            total_uploads: number;
        };
        NamedFiles: {
            files: components["schemas"]["File"][] | null;
        };
        NewKey: {
            /**
             * Format: date-time
             * @description When it ends by itself
             */
            expires_time?: string;
            /** @description Whose it is, for the list */
            name: string;
            /** @description viewer, uploader, curator or admin in each project; * is every project and the server itself. Left out: the caller's */
            roles?: {
                [key: string]: string;
            };
            /** @description Only these of what the roles allow: read, download, upload, use, curate, rules, admin */
            scopes?: string[] | null;
        };
        NewUpload: {
            /** @default custom */
            data_type: string;
            description?: string;
            /** @description blake3:HEX, if the client knows it: content that is held is not sent again */
            file_hash?: string;
            /** @description An id that the client chose: file_ and 32 hexadecimal digits */
            file_id?: string;
            /** @description As it is to be kept; its ending helps to tell the format */
            file_name: string;
            /**
             * Format: int64
             * @description null: not known yet
             */
            file_size: number | null;
            /** @description A JSON object */
            metadata?: unknown;
            /**
             * Format: int64
             * @description Asked for: a power of two from 1 MiB to 4 GiB; 0: the server chooses
             */
            part_size?: number;
            /** @description NAME or NAME@VERSION; validation_rules override its keys */
            rule_set?: string;
            /** @description In hexadecimal; compared with what arrived, which reads the file once more */
            sha256?: string;
            /** @description See the schema Rules */
            validation_rules?: unknown;
        };
        Overlap: {
            exact: boolean;
            file_id: string;
            /** Format: double */
            margin?: number;
            original_name: string;
            /**
             * Format: int64
             * @description About how many records that is
             */
            records: number;
            /**
             * Format: double
             * @description Part of the different records of the file asked for that is in this one, 0 to 1
             */
            share: number;
        };
        PartChecksum: {
            crc64nvme: string;
            /** Format: int64 */
            part: number;
            /** Format: int64 */
            size: number;
        };
        PartReceived: {
            /**
             * Format: int64
             * @description Of the whole upload
             */
            bytes_committed: number;
            /** @description Of what is stored, base64 as S3 writes it */
            crc64nvme: string;
            /** Format: int64 */
            part: number;
            /** Format: int64 */
            size: number;
        };
        PartTop: {
            /**
             * Format: int64
             * @description null: all larger ones
             */
            files_below: number | null;
            /** Format: int64 */
            part_size: number;
        };
        Problem: {
            /**
             * @description Stable, for programs
             * @example unknown-file
             */
            code: string;
            /** @description A sentence that a person can act on */
            detail: string;
            /**
             * Format: int64
             * @description Where the upload stands
             */
            "expected-offset"?: number;
            /** @description What the checks found, where they ended the upload */
            findings?: unknown;
            /** @description What to do next */
            hint?: string;
            /** @description The path that was asked for */
            instance: string;
            /**
             * Format: int64
             * @description Where the request would have gone on
             */
            "provided-offset"?: number;
            /** @description Also in the server's log */
            request_id: string;
            /** Format: int64 */
            status: number;
            /** @description The status in words */
            title: string;
            /** @example about:blank */
            type: string;
        };
        Processed: {
            /** Format: int64 */
            errors_found?: number;
            file_id: string;
            message: string;
            report_url?: string;
            /** @enum {string} */
            status: "processing" | "success" | "error";
        };
        Progress: {
            /** Format: int64 */
            bytes_checked: number;
            /** Format: int64 */
            bytes_per_second: number;
            /** Format: int64 */
            bytes_received: number;
            /** Format: int64 */
            chunkCount: number;
            /** Format: int64 */
            chunk_count: number;
            duplicate_of?: string;
            error: string | null;
            /** Format: int64 */
            errors_found: number;
            /**
             * Format: int64
             * @description null when it cannot be told
             */
            eta_seconds: number | null;
            fileId: string;
            /** Format: int64 */
            fileSize: number;
            file_id: string;
            /**
             * Format: int64
             * @description Expected size while the bytes arrive
             */
            file_size: number;
            original_name: string;
            /**
             * Format: double
             * @description 0 to 100, never falls, 100 only when fresh
             */
            progress: number;
            /** Format: int64 */
            records_checked: number;
            /** @enum {string} */
            stage: "receiving" | "checking" | "scanning" | "promoting" | "done";
            status: string;
            /** @description Of the upload that is open; null: there is none, or it ended */
            upload_id: string | null;
            /** Format: int64 */
            warnings_found: number;
        };
        Project: {
            /**
             * Format: int64
             * @description Of its files, with what uploads under way have reserved
             */
            bytes: number;
            /** @description What is done about what content rules find, by the rule's name: off, warn, quarantine or refuse. The server's own policy counts where it is stricter */
            content_policy?: {
                [key: string]: string;
            };
            /**
             * Format: date-time
             * @description null for the default one, which is always there
             */
            created_time: string | null;
            /** Format: int64 */
            files: number;
            /**
             * Format: int64
             * @description Of all these, with what is on its way; 0: no limit
             */
            max_bytes?: number;
            /**
             * Format: int64
             * @description Files that it may own, failed uploads not counted; 0: no limit
             */
            max_files?: number;
            /**
             * Format: int64
             * @description Uploads under way at once; 0: no limit but the server's
             */
            max_open_uploads?: number;
            name: string;
            /** Format: int64 */
            open_uploads: number;
            retention?: components["schemas"]["Retention"][] | null;
            /**
             * @description The caller's
             * @enum {string}
             */
            role: "viewer" | "uploader" | "curator" | "admin";
        };
        ProjectList: {
            projects: components["schemas"]["Project"][] | null;
        };
        ProjectSettings: {
            /** @description What is done about what content rules find, by the rule's name: off, warn, quarantine or refuse. The server's own policy counts where it is stricter */
            content_policy?: {
                [key: string]: string;
            };
            /**
             * Format: int64
             * @description Of all these, with what is on its way; 0: no limit
             */
            max_bytes?: number;
            /**
             * Format: int64
             * @description Files that it may own, failed uploads not counted; 0: no limit
             */
            max_files?: number;
            /**
             * Format: int64
             * @description Uploads under way at once; 0: no limit but the server's
             */
            max_open_uploads?: number;
            retention?: components["schemas"]["Retention"][] | null;
        };
        Record: {
            /** Format: int64 */
            byte_offset: number;
            /**
             * Format: int64
             * @description From 1
             */
            line: number;
            /**
             * Format: int64
             * @description Bytes of the record
             */
            size: number;
            /** @description At most 64 KiB of it; bytes that are not UTF-8 are replaced */
            text: string;
            truncated: boolean;
        };
        RecordOverlap: {
            /** @description Every record of this file and of those compared was looked at, since none has more than 1,024 different ones; else shares are estimates */
            exact: boolean;
            file_id: string;
            /**
             * Format: int64
             * @description How many files hold some of its records
             */
            files: number;
            /**
             * Format: double
             * @description Of an estimate: about two standard errors of share
             */
            margin?: number;
            /** @description The first of them, in a sentence */
            message?: string;
            /**
             * Format: int64
             * @description Files that nothing is known of: checked before records were sampled (process-file does it), or so much longer that none of this file's sampled records would show
             */
            not_compared: number;
            /** @description Those of them with the most: the first 20 */
            overlaps: components["schemas"]["Overlap"][] | null;
            /**
             * Format: int64
             * @description Of this file
             */
            records: number;
            /**
             * Format: double
             * @description Part of this file's different records that is in at least one of the others, 0 to 1
             */
            share: number;
        };
        Records: {
            file_id: string;
            /**
             * Format: int64
             * @description Where to go on; null at the end of the file
             */
            next_line: number | null;
            records: components["schemas"]["Record"][] | null;
        };
        Report: {
            /** Format: int64 */
            blank_lines: number;
            /** @description The file starts with a byte order mark */
            bom: boolean;
            by_rule: components["schemas"]["RuleCount"][] | null;
            /**
             * Format: int64
             * @description Of the file as it is stored
             */
            bytes: number;
            /** Format: int64 */
            bytes_per_second: number;
            /**
             * @description Of a compressed file
             * @enum {string}
             */
            compression?: "gzip" | "zstd";
            /** @description Of a CSV file */
            delimiter?: string;
            /**
             * Format: int64
             * @description Records equal to an earlier one; null while it is not known
             */
            duplicate_records: number | null;
            encoding: string;
            engine: string;
            /** Format: int64 */
            errors: number;
            fields: components["schemas"]["Field"][] | null;
            /** @description There are more fields than statistics are kept for */
            fields_truncated?: boolean;
            /** @description The file; empty in a report of freshet validate */
            file_id: string;
            file_name: string;
            /** @description The first 1,000 in file order */
            findings: components["schemas"]["Finding"][] | null;
            /** Format: date-time */
            finished: string | null;
            /** @description jsonl, json, csv, tsv, text or parquet, of a compressed file what is inside; another word names content that is none of them */
            format: string;
            /**
             * Format: int64
             * @description Physical lines
             */
            lines: number;
            /** @enum {string} */
            newline: "lf" | "crlf" | "mixed" | "none";
            /**
             * Format: int64
             * @description A CSV header is not one
             */
            records: number;
            /** Format: int64 */
            records_with_errors: number;
            /** @description The rules in force */
            rules: unknown;
            /** @description The record schema that was checked, or none */
            schema: string;
            /** Format: date-time */
            started: string;
            /** @description Why checking ended before the end of the file */
            stopped?: string;
            /** @description There are more findings than are listed */
            truncated: boolean;
            /**
             * Format: int64
             * @description Of a compressed file: what was unpacked; lines, records and places are those of it
             */
            unpacked_bytes?: number;
            /** @enum {string} */
            verdict: "passed" | "failed" | "in_progress";
            /** Format: int64 */
            warnings: number;
        };
        Retained: {
            /** Format: int64 */
            bytes_freed: number;
            /** Format: int64 */
            deleted_count: number;
            /** @description The first 1,000 */
            files: components["schemas"]["RetainedFile"][] | null;
            message: string;
            /** @enum {string} */
            status: "success";
            truncated: boolean;
        };
        RetainedFile: {
            data_type: string;
            file_id: string;
            /** Format: int64 */
            file_size: number;
            file_status: string;
            original_name: string;
            reason: string;
        };
        Retention: {
            /** @description Empty: any */
            data_type?: string;
            /**
             * Format: int64
             * @description Since it last changed
             */
            keep_days?: number;
            /**
             * Format: int64
             * @description By when they were sent
             */
            keep_last?: number;
            /** @enum {string} */
            status: "uploaded" | "failed" | "fresh" | "used" | "archived" | "deprecated" | "quarantined";
        };
        Rule: {
            /** @description It looks into what is said in records: a content policy may name it */
            content: boolean;
            /** @description The whole story; paragraphs are separated by an empty line */
            description: string;
            /** @description It says that something could not be read: its severity cannot be set */
            fixed: boolean;
            /** @description What to do about it */
            hint?: string;
            /**
             * @description Its name in reports, settings and docs/rules.md
             * @example json-syntax
             */
            rule: string;
            /** @description Of which files: every file, jsonl, json, csv, content, or those of a schema */
            scope: string;
            /**
             * @description Unless the severity setting says otherwise
             * @enum {string}
             */
            severity: "error" | "warning" | "off";
            /** @example Not valid JSON */
            title: string;
        };
        RuleCount: {
            /** Format: int64 */
            count: number;
            rule: string;
            /** @enum {string} */
            severity: "error" | "warning";
        };
        RuleList: {
            rules: components["schemas"]["Rule"][] | null;
        };
        RulePreview: {
            file_id: string;
            /**
             * Format: int64
             * @default 4194304
             */
            first_bytes: number;
            /** @description NAME or NAME@VERSION; validation_rules override its keys */
            rule_set?: string;
            /** @description Instead of first_bytes */
            sample?: components["schemas"]["Sample"];
            /** @description See the schema Rules */
            validation_rules?: unknown;
        };
        RulePreviewed: {
            file_id: string;
            looked_at: components["schemas"]["LookedAt"];
            /** @description Rules that only the whole file tells of */
            not_judged: string[] | null;
            /** @description Of the part alone, counts and verdict included; lines and offsets are those of the file */
            report: components["schemas"]["Report"];
        };
        RuleSet: {
            created_by: string;
            /** Format: date-time */
            created_time: string;
            name: string;
            /** @description With the defaults of when it was made, so that a version means the same for ever */
            rules: unknown;
            /**
             * Format: int64
             * @description From 1; a version never changes
             */
            version: number;
            /** @description All that there are, newest first */
            versions: components["schemas"]["RuleSetVersion"][] | null;
        };
        RuleSetList: {
            /** @description The latest version of each */
            rule_sets: components["schemas"]["RuleSetVersion"][] | null;
        };
        RuleSetVersion: {
            created_by: string;
            /** Format: date-time */
            created_time: string;
            name: string;
            /**
             * Format: int64
             * @description From 1; a version never changes
             */
            version: number;
        };
        Rules: {
            /** @default true */
            allow_blank_lines: boolean;
            allowed_formats?: ("jsonl" | "json" | "csv" | "tsv" | "text" | "parquet")[] | null;
            /** @description The same keys, nested, as earlier clients send them */
            custom_validation?: {
                [key: string]: unknown;
            };
            expressions?: components["schemas"]["Expression"][] | null;
            /** @description Stop at the first bad record too many */
            fail_fast?: boolean;
            /** @description JSON Schema, draft 2020-12, that each record must fit; a CSV record is an object of strings. A fault in it: 422 with its path */
            json_schema?: unknown;
            /**
             * Format: int64
             * @description Bad records that are tolerated; none unless it is set
             */
            max_errors?: number;
            /** Format: int64 */
            max_file_size?: number;
            /**
             * Format: int64
             * @default 16777216
             */
            max_record_bytes: number;
            /** Format: int64 */
            max_records?: number;
            /**
             * Format: int64
             * @description Warn of longer chat records, by estimate
             */
            max_tokens?: number;
            /**
             * Format: int64
             * @description Of a compressed file; unpacking ends there
             */
            max_unpacked_bytes?: number;
            /** Format: int64 */
            min_records?: number;
            /** @description A dot goes one level down: meta.id */
            required_fields?: string[] | null;
            /** @description NAME or NAME@VERSION: a set whose rules hold where no key here says otherwise */
            rule_set?: string;
            /**
             * @default auto
             * @enum {string}
             */
            schema: "auto" | "none" | "openai-chat" | "prompt-completion" | "preference" | "text";
            /** @description error, warning or off for rules by name */
            severity?: {
                [key: string]: string;
            };
            unique_fields?: string[] | null;
        };
        Sample: {
            /** Format: int64 */
            records: number;
            /**
             * Format: int64
             * @description The same one takes the same records
             */
            seed?: number;
        };
        Session: {
            /**
             * @description As history tells it: local or key:ID; null: sign in
             * @example key:4f1d2c3b5a69
             */
            actor: string | null;
            /**
             * Format: date-time
             * @description Of the session, unless it is used before; null: there is none
             */
            expires_at: string | null;
            key_name: string | null;
            /** @description Once any was made, requests need a key or a session; before, those of this machine need none */
            keys_exist: boolean;
            /** @description In each project; * is every project and the server itself */
            roles: {
                [key: string]: string;
            };
            /** @description What of its roles the key may; empty: all */
            scopes: string[] | null;
            /** @description This request is of a session or has a key */
            signed_in: boolean;
            version: string;
        };
        SignIn: {
            /**
             * @description A key, or a token of the identity provider
             * @example fsh_…
             */
            key: string;
        };
        TopValue: {
            /** Format: int64 */
            count: number;
            value: string;
        };
        TryRules: {
            retention?: components["schemas"]["Retention"][] | null;
        };
        UploadCreated: {
            /**
             * Format: date-time
             * @description Moves on with each part
             */
            expires_at: string;
            file_id: string;
            /**
             * Format: int64
             * @description null while the size is not known
             */
            part_count: number | null;
            /**
             * Format: int64
             * @description Of all parts but the last
             */
            part_size: number;
            upload_id: string;
        };
        UploadStatus: {
            /** Format: int64 */
            bytes_committed: number;
            /** @description With checksums=true */
            checksums?: components["schemas"]["PartChecksum"][] | null;
            /** @description Why it ended */
            detail?: string;
            /** Format: int64 */
            errors_found: number;
            /** Format: date-time */
            expires_at: string;
            file_id: string;
            /** Format: int64 */
            file_size: number | null;
            /** Format: int64 */
            part_count: number | null;
            /** Format: int64 */
            part_size: number;
            /** @description Those that are safe: "1-7", "9" */
            parts: string[] | null;
            /** Format: int64 */
            records_checked: number;
            /** @enum {string} */
            state: "open" | "complete" | "failed" | "aborted" | "expired";
            upload_id: string;
        };
        Uploaded: {
            /** Format: int64 */
            chunk_count: number;
            data_type: string;
            /** Format: int64 */
            errors_found: number;
            file_hash: string;
            file_id: string;
            /** Format: int64 */
            file_size: number;
            file_status: string;
            is_duplicate: boolean;
            message: string;
            report_url: string;
            /**
             * @description Of the upload; the verdict is of the data
             * @enum {string}
             */
            status: "success";
            verdict: string;
            warning?: string;
        };
        UsedInputBody: {
            /** @description Name or number of the job */
            training_job?: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    activity: {
        parameters: {
            query?: {
                limit?: number;
                /** @description next_before of the page before */
                before?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Activity"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    adopt: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Adopt"];
            };
        };
        responses: {
            /** @description One object a line */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": components["schemas"]["Adopted"];
                };
            };
            /** @description A problem */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "apply-retention": {
        parameters: {
            query?: {
                dry_run?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["TryRules"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Retained"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "archive-file": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description file_ and 32 hexadecimal digits, or an alias */
                file_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["File"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "audit-log": {
        parameters: {
            query?: {
                /** @description Only what this one did: key:ID, oidc:SUBJECT, command:USER, local, anonymous, system */
                actor?: string;
                /** @description Only this, such as download or refused */
                action?: string;
                /** @description Only what was done to this: an id, a name, a route */
                object?: string;
                /** @description ok, or the code of a refusal */
                result?: string;
                /** @description Only what is of this project */
                project?: string;
                /** @description From this time on, such as 2026-11-28T09:30:00Z */
                since?: string;
                /** @description Before this time */
                until?: string;
                /** @description Rows of a page, from 1 to 1000, by default 100; of ndjson all */
                limit?: number;
                /** @description next_cursor of the page before; with ndjson the number of the last row that is there already */
                cursor?: string;
                format?: "json" | "ndjson";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditLog"];
                    "application/x-ndjson": components["schemas"]["AuditRow"];
                };
            };
            /** @description A problem */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "clean-records": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                file_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The records */
            200: {
                headers: {
                    /** @description Records that follow, the header of CSV not among them */
                    "X-Record-Count"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/jsonl": string;
                    "text/csv": string;
                    "text/plain": string;
                    "text/tab-separated-values": string;
                };
            };
            /** @description A problem */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "cleanup-failed-uploads": {
        parameters: {
            query?: {
                /** @description 0: all that failed or was abandoned */
                hours_old?: number;
                dry_run?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CleanedUp"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "deletion-certificate": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description file_ and 32 hexadecimal digits, or an alias */
                file_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeletionCertificate"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "deprecate-file": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description file_ and 32 hexadecimal digits, or an alias */
                file_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["File"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "download-file": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                file_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bytes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description A problem */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    events: {
        parameters: {
            query?: never;
            header?: {
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description A problem */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "file-info": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description file_ and 32 hexadecimal digits, or an alias */
                file_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["File"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "delete-file": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description file_ and 32 hexadecimal digits, or an alias */
                file_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deleted"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "findings-map": {
        parameters: {
            query?: {
                buckets?: number;
                /** @description Only findings of a rule */
                rule?: string;
            };
            header?: never;
            path: {
                /** @description file_ and 32 hexadecimal digits, or an alias */
                file_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FindingsMap"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    history: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description file_ and 32 hexadecimal digits, or an alias */
                file_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["History"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "hold-file": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description file_ and 32 hexadecimal digits, or an alias */
                file_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Hold"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["File"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "release-file": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description file_ and 32 hexadecimal digits, or an alias */
                file_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["File"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    keys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyList"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "create-key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewKey"];
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    "Cache-Control"?: string;
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyMade"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "revoke-key": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    limits: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Limits"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "mark-used": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description file_ and 32 hexadecimal digits, or an alias */
                file_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UsedInputBody"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["File"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Metrics"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "named-files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FileNames"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NamedFiles"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "process-file": {
        parameters: {
            query?: {
                /** @description Wait so long for the verdict */
                wait?: string;
            };
            header?: never;
            path: {
                /** @description file_ and 32 hexadecimal digits, or an alias */
                file_id: string;
            };
            cookie?: never;
        };
        /** @description Rules, or nothing */
        requestBody?: {
            content: {
                "application/json": components["schemas"]["Rules"];
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Processed"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    projects: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProjectList"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    project: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "put-project": {
        parameters: {
            query?: never;
            header?: {
                /** @description *: only make a project, never change one that is there */
                "If-None-Match"?: string;
            };
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ProjectSettings"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Project"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Precondition Failed */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "delete-project": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "promote-file": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description file_ and 32 hexadecimal digits, or an alias */
                file_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["File"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "record-overlap": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description file_ and 32 hexadecimal digits, or an alias */
                file_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordOverlap"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    records: {
        parameters: {
            query?: {
                /** @description Physical line to start at */
                line?: number;
                limit?: number;
            };
            header?: never;
            path: {
                /** @description file_ and 32 hexadecimal digits, or an alias */
                file_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Records"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "rejected-records": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                file_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The records */
            200: {
                headers: {
                    /** @description Records that follow, the header of CSV not among them */
                    "X-Record-Count"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/jsonl": string;
                    "text/csv": string;
                    "text/plain": string;
                    "text/tab-separated-values": string;
                };
            };
            /** @description A problem */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "retry-failed-file": {
        parameters: {
            query?: {
                /** @description Wait so long for the verdict */
                wait?: string;
            };
            header?: never;
            path: {
                /** @description file_ and 32 hexadecimal digits, or an alias */
                file_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Processed"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "rule-preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RulePreview"];
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RulePreviewed"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "rule-sets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuleSetList"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "rule-set": {
        parameters: {
            query?: {
                /** @description The latest unless given; also of a set that was deleted */
                version?: number;
            };
            header?: never;
            path: {
                /** @description a to z, 0 to 9, _ and -, at most 64 long */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuleSet"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "put-rule-set": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description a to z, 0 to 9, _ and -, at most 64 long */
                name: string;
            };
            cookie?: never;
        };
        /** @description Rules */
        requestBody: {
            content: {
                "application/json": components["schemas"]["Rules"];
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuleSet"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "delete-rule-set": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description a to z, 0 to 9, _ and -, at most 64 long */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rules: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuleList"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    session: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    "Cache-Control"?: string;
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "sign-in": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SignIn"];
            };
        };
        responses: {
            /** @description OK */
            200: {
                headers: {
                    "Cache-Control"?: string;
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description Unauthorized */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "sign-out": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Forbidden */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "staged-files": {
        parameters: {
            query?: {
                /** @description Only files of this status, or of one of several: failed,uploaded */
                status?: string;
                /** @description With status=uploaded, passed: what waits to be promoted */
                verdict?: "none" | "in_progress" | "passed" | "failed";
                data_type?: string;
                /** @description Part of the name, whatever its case; or an id, of which file_ and 6 digits do */
                q?: string;
                /** @description -upload_time (default), upload_time, -updated_time, updated_time, original_name, -original_name, file_size, -file_size */
                sort?: string;
                limit?: number;
                /** @description next_cursor of the page before: nothing is missed or told twice, whatever happens meanwhile */
                cursor?: string;
                /** @description Rows to pass over instead, to jump into a long list */
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FileList"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "resumable-create": {
        parameters: {
            query?: never;
            header?: {
                /** @description 1.0.0, in tus */
                "Tus-Resumable"?: string;
                /** @description 6 or 8, in the draft */
                "Upload-Draft-Interop-Version"?: string;
                /** @description Of the file in bytes */
                "Upload-Length"?: string;
                /** @description 1: the length comes later */
                "Upload-Defer-Length"?: string;
                /** @description key BASE64,key BASE64 */
                "Upload-Metadata"?: string;
                /** @description partial, or final;URL URL… */
                "Upload-Concat"?: string;
                /** @description ?1 with the last bytes, ?0 before; in the draft */
                "Upload-Complete"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The upload is at Location */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            460: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "resumable-options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Tus-Version, Tus-Extension, Tus-Checksum-Algorithm, Accept-Patch, Upload-Limit */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "resumable-bytes": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                upload_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The bytes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description A problem */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "resumable-delete": {
        parameters: {
            query?: never;
            header?: {
                /** @description 1.0.0, in tus */
                "Tus-Resumable"?: string;
                /** @description 6 or 8, in the draft */
                "Upload-Draft-Interop-Version"?: string;
            };
            path: {
                upload_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "resumable-status": {
        parameters: {
            query?: never;
            header?: {
                /** @description 1.0.0, in tus */
                "Tus-Resumable"?: string;
                /** @description 6 or 8, in the draft */
                "Upload-Draft-Interop-Version"?: string;
            };
            path: {
                upload_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Upload-Offset and more, in tus */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The same, in the draft */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            423: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "resumable-append": {
        parameters: {
            query?: never;
            header: {
                /** @description 1.0.0, in tus */
                "Tus-Resumable"?: string;
                /** @description 6 or 8, in the draft */
                "Upload-Draft-Interop-Version"?: string;
                /** @description Where the bytes go on */
                "Upload-Offset": string;
                /** @description Of the upload, if it was not told before */
                "Upload-Length"?: string;
                /** @description sha1, sha256 or crc32, a space, and the checksum of this body in base64; also as a trailer */
                "Upload-Checksum"?: string;
                /** @description ?1 with the last bytes, ?0 before; in the draft */
                "Upload-Complete"?: string;
            };
            path: {
                upload_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/offset+octet-stream": string;
            };
        };
        responses: {
            /** @description The draft's last bytes: the file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Uploaded"];
                };
            };
            /** @description Not the last bytes, in version 6 of the draft */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Upload-Offset tells what is safe */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A problem */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            460: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "upload-large-file": {
        parameters: {
            query?: never;
            header?: {
                /** @description An id that the client chose: file_ and 32 hexadecimal digits */
                "X-File-Id"?: string;
                /** @description sha-256=:BASE64: of the file, compared with what arrived */
                "Repr-Digest"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** @description sample, red_team, combined, custom (default), model_specific, or another word */
                    data_type?: string;
                    description?: string;
                    /**
                     * Format: binary
                     * @description The file; exactly one
                     */
                    file: string;
                    /** @description As X-File-Id; before the file */
                    file_id?: string;
                    /** @description A JSON object */
                    metadata?: string;
                    /** @description A rule set, NAME or NAME@VERSION; validation_rules override its keys */
                    rule_set?: string;
                    /** @description Of the file, in hexadecimal: compared with what arrived */
                    sha256?: string;
                    /** @description Rules as JSON, see the schema Rules */
                    validation_rules?: string;
                };
            };
        };
        responses: {
            /** @description The file arrived; verdict tells of the data */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Uploaded"];
                };
            };
            /** @description A problem */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "upload-progress": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description file_ and 32 hexadecimal digits, or an alias */
                file_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Progress"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "create-upload": {
        parameters: {
            query?: never;
            header?: {
                /** @description A repeated request with the same key gives the same upload */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewUpload"];
            };
        };
        responses: {
            /** @description The content is held already: nothing is to be sent */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Uploaded"];
                };
            };
            /** @description The upload is open */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadCreated"];
                };
            };
            /** @description A problem */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "upload-status": {
        parameters: {
            query?: {
                /** @description List the checksum of each part */
                checksums?: boolean;
            };
            header?: never;
            path: {
                /** @description up_ and 32 hexadecimal digits */
                upload_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UploadStatus"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "delete-upload": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description up_ and 32 hexadecimal digits */
                upload_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No Content */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Gone */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "complete-upload": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description up_ and 32 hexadecimal digits */
                upload_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Uploaded"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Conflict */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Gone */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "put-part": {
        parameters: {
            query?: never;
            header?: {
                /** @description sha-256 or sha-512 of the part (RFC 9530) */
                "Content-Digest"?: string;
                /** @description Of the part, 4 bytes in base64 */
                "X-Checksum-CRC32"?: string;
                /** @description Of the part, 8 bytes in base64 */
                "X-Checksum-CRC64NVME"?: string;
            };
            path: {
                upload_id: string;
                /** @description From 1 */
                number: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description The part is safe */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PartReceived"];
                };
            };
            /** @description A problem */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "validation-findings": {
        parameters: {
            query?: {
                /** @description Only those of a rule */
                rule?: string;
                severity?: "error" | "warning";
                /** @description Only the first so many */
                limit?: number;
                format?: "ndjson" | "csv";
            };
            header?: never;
            path: {
                file_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One finding a line */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": components["schemas"]["Finding"];
                    "text/csv": string;
                };
            };
            /** @description A problem */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A problem */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    "validation-report": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description file_ and 32 hexadecimal digits, or an alias */
                file_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OK */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Report"];
                };
            };
            /** @description Not Found */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Unprocessable Entity */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Internal Server Error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Service Unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    livez: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Yes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        status?: string;
                    };
                };
            };
        };
    };
    prometheus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Text format */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
        };
    };
    readyz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Yes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        status?: string;
                    };
                };
            };
            /** @description A problem */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
