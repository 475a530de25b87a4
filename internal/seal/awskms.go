package seal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"freshet/internal/errs"

	"github.com/minio/minio-go/v7/pkg/credentials"
)

// kms is a symmetric key of AWS KMS, which never gives it away.
type kms struct {
	id          string
	arn         string
	region      string
	endpoint    string
	credentials *credentials.Credentials
	client      *http.Client
	now         func() time.Time
}

func newKMS(spec string) (*kms, error) {
	arn, query, _ := strings.Cut(spec, "?")
	f := strings.SplitN(arn, ":", 6) // arn:aws:kms:REGION:ACCOUNT:key/ID
	if len(f) != 6 || f[0] != "arn" || f[2] != "kms" || f[3] == "" || !strings.HasPrefix(f[5], "key/") {
		return nil, bad("--master-key awskms: must name a key by its ARN: awskms:arn:aws:kms:REGION:ACCOUNT:key/ID")
	}
	domain := "amazonaws.com"
	if f[1] == "aws-cn" {
		domain += ".cn"
	}
	k := &kms{id: "awskms:" + arn, arn: arn, region: f[3], endpoint: "https://kms." + f[3] + "." + domain, client: &http.Client{Timeout: serviceTime}, now: time.Now}
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, bad("the parameters of --master-key awskms: cannot be read")
	}
	for name, value := range values {
		u, err := url.Parse(value[len(value)-1])
		if name != "endpoint" || err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
			return nil, bad("the one parameter of --master-key awskms: is endpoint=https://HOST")
		}
		k.endpoint = u.Scheme + "://" + u.Host
	}
	// where AWS's own programs look
	k.credentials = credentials.NewChainCredentials([]credentials.Provider{&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}, &credentials.IAM{Client: k.client, Region: k.region}})
	return k, nil
}

// ID implements Master.
func (k *kms) ID() string { return k.id }

// context is what KMS binds a ciphertext to.
func (k *kms) context(bound string) map[string]string { return map[string]string{"freshet": bound} }

// Wrap implements Master.
func (k *kms) Wrap(ctx context.Context, key []byte, bound string) ([]byte, error) {
	var out struct{ CiphertextBlob []byte }
	err := k.call(ctx, "Encrypt", map[string]any{"KeyId": k.arn, "Plaintext": key, "EncryptionContext": k.context(bound)}, &out)
	if err == nil && len(out.CiphertextBlob) == 0 {
		err = serviceDown(errors.New("it gave no ciphertext"))
	}
	return out.CiphertextBlob, err
}

// Unwrap implements Master.
func (k *kms) Unwrap(ctx context.Context, wrapped []byte, bound string) ([]byte, error) {
	var out struct{ Plaintext []byte }
	err := k.call(ctx, "Decrypt", map[string]any{"KeyId": k.arn, "CiphertextBlob": wrapped, "EncryptionContext": k.context(bound)}, &out)
	return out.Plaintext, err
}

func (k *kms) call(ctx context.Context, operation string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, k.endpoint+"/", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "TrentService."+operation)
	who, err := k.credentials.GetWithContext(&credentials.CredContext{Client: k.client})
	if err != nil || who.AccessKeyID == "" {
		return serviceDown(errors.Join(errors.New("there are no credentials for AWS"), err))
	}
	if who.SessionToken != "" {
		req.Header.Set("X-Amz-Security-Token", who.SessionToken)
	}
	sign(req, body, who.AccessKeyID, who.SecretAccessKey, k.region, "kms", k.now())
	res, err := k.client.Do(req)
	if err != nil {
		return serviceDown(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, serviceAnswer))
	if err != nil {
		return serviceDown(err)
	}
	if res.StatusCode == http.StatusOK {
		if err := json.Unmarshal(answer, out); err != nil {
			return serviceDown(err)
		}
		return nil
	}
	var refusal struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	_ = json.Unmarshal(answer, &refusal) // what it is not stays empty
	why := fmt.Errorf("the key service answered %d: %s: %s", res.StatusCode, refusal.Type, refusal.Message)
	if name := refusal.Type[strings.LastIndexByte(refusal.Type, '#')+1:]; name == "InvalidCiphertextException" || name == "IncorrectKeyException" {
		return NotAsSealed("a data key was altered, or is another's").Because(why)
	}
	return serviceDown(why)
}

// serviceDown says that a service with a master key cannot be used, now.
func serviceDown(cause error) error {
	return errs.E(errs.Unavailable, keyService, "the service that keeps the master key cannot be used").
		WithHint("try again later; the server's log says what it answered").After(5 * time.Second).Because(cause)
}
